# The two commands are `make demo` and `make test`; the work is done in packaging/demo/.
scripts := packaging/demo

.PHONY: help sdk deps deb rpm sbom test-packages build demo up down test fuzz bench bench-cluster failover size chaos split mutate format-check clean

help:
	@echo "make demo          an ad-hoc group chat and a pre-defined group, through a real Kamailio on loopback"
	@echo "make up / down     the same Kamailio and sidecar in the background, for your own clients"
	@echo "make test          every suite"
	@echo "make fuzz          spoiled SIP and MSRP for MINUTES=3 from SEED; SANITIZE=1 with AddressSanitizer in the module"
	@echo "make bench         how fast, beside Kamailio and its modules presence, msilo and msrp (17 minutes)"
	@echo "make bench-cluster what two and three sidecars on PostgreSQL cost beside one on SQLite (10 minutes)"
	@echo "make failover      one of two sidecars is killed KILLS=50 times: how long its sessions stand still (10 minutes)"
	@echo "make size          ten thousand conferences of five, and one of a thousand; what each costs (3 minutes)"
	@echo "make chaos         people talk while everything dies and freezes around them (MINUTES=3, SEED=...)"
	@echo "make split         each link of two Kamailios, two sidecars and PostgreSQL is cut under load (4 minutes, root)"
	@echo "make mutate        is each guard of the rules missed by its tests? (3 minutes; FILES=\"Refer Bye\")"
	@echo "make deb / rpm     the packages, in .build/packages/; make sbom: what is inside (CycloneDX)"
	@echo "make test-packages they are installed on a fresh Debian, upgraded under a group chat, purged (6 minutes, root)"
	@echo "make build         the module, the sidecar and all tests"
	@echo "make format-check  is the C# formatted as .editorconfig says?"
	@echo "make clean         remove what was built (.build/ with Kamailio's source stays)"

sdk:
	@$(scripts)/need-sdk.sh

deps: sdk
	@$(scripts)/install-deps.sh

build: deps
	@$(scripts)/build.sh all

demo: deps
	@$(scripts)/demo.sh

up: deps
	@$(scripts)/up.sh

down:
	@$(scripts)/down.sh

test: deps
	@$(scripts)/test.sh

fuzz: deps
	@$(scripts)/fuzz.sh

bench: deps
	@$(scripts)/bench.sh

bench-cluster: deps
	@$(scripts)/bench-cluster.sh

failover: deps
	@$(scripts)/failover.sh

size: deps
	@$(scripts)/size.sh

chaos: deps
	@$(scripts)/chaos.sh

split: deps
	@$(scripts)/split.sh

mutate: deps
	@$(scripts)/mutate.sh

deb: deps
	@packaging/build/deb.sh

rpm: deps
	@packaging/build/rpm.sh

sbom: deps
	@packaging/build/sbom.sh

test-packages: deps
	@packaging/test/packages.sh

format-check: sdk
	@dotnet format ImSidecar.sln --verify-no-changes

clean:
	@$(scripts)/clean.sh
