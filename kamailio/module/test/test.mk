# Tests. Included by ../Makefile.

TEST := $(SELF)test
UNIT_OBJECTS := $(PURE:%=$(OUT)/%.o) $(OUT)/keys.o $(OUT)/forks.o $(OUT)/trans.o $(OUT)/window.o
UNIT := $(OUT)/unit_tests
PYTHON_PROTO := $(OUT)/sip_gateway_pb2.py

UNIT_SOURCES := unit_tests unit_base unit_memory

$(UNIT_SOURCES:%=$(OUT)/%.o): $(OUT)/%.o: $(TEST)/%.c $(FLAGS)
	@echo "  CC $(notdir $@)"
	@$(CC) $(C_ALL) -MMD -MP -c -o $@ $<

$(OUT)/sha256.o: $(KAMAILIO_SRC)/src/core/crypto/sha256.c
	@$(CC) $(CFLAGS) -fPIC -w $(KAMAILIO_DEFS) -I$(KAMAILIO_SRC)/src -c -o $@ $<

$(OUT)/unit_wire.o: $(TEST)/unit_wire.cpp $(OUT)/sip_gateway.pb.h
	@echo "  CXX $(notdir $@)"
	@$(CXX) $(CPP_ALL) -MMD -MP -c -o $@ $<

$(UNIT): $(UNIT_SOURCES:%=$(OUT)/%.o) $(OUT)/unit_wire.o $(UNIT_OBJECTS) $(OUT)/sha256.o $(OUT)/encode.o $(OUT)/sip_gateway.pb.o
	@echo "  LD $(notdir $@)"
	@$(CXX) -o $@ $^ $(LDFLAGS) -lprotobuf -pthread

$(PYTHON_PROTO): $(PROTO)
	@mkdir -p $(OUT)
	@protoc -I$(PROTO_DIR)/imsidecar/v1 --python_out=$(OUT) $(PROTO)

unit-test: $(UNIT)
	@$(UNIT)

test: $(MODULE) $(UNIT) $(PYTHON_PROTO)
	@$(PYTHON) -B $(TEST)/run.py --build $(OUT) --unit $(UNIT)
