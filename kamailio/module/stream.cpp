/*
 * im_sidecar: the gRPC stream to the sidecar
 *
 * Copyright (C) 2026 The ImSidecar authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "stream.h"

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

namespace {

using Call = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

constexpr char kMethod[] = "/imsidecar.v1.SipGateway/Attach";
constexpr size_t kMaxWaitingItems = 256;
constexpr size_t kMaxWaitingBytes = 32 << 20;
constexpr size_t kBatchBytes = 256 << 10;
constexpr auto kPause = std::chrono::milliseconds(100);
/* Behind a batch of so much a smaller one waits so long and takes more with it:
 * each costs both sides the same, whatever is in it. */
constexpr size_t kMuchBytes = 4 << 10;
constexpr auto kPace = std::chrono::milliseconds(1);
/* A call that ends so soon was refused: no hurry with the next. */
constexpr auto kRefused = std::chrono::seconds(1);
/* What does not work is told at once, and then so often. */
constexpr auto kComplaint = std::chrono::minutes(1);

using Time = std::chrono::steady_clock::time_point;

struct Item
{
	im_stream_item_type_t type;
	unsigned generation;
	std::string bytes;
};

/* Kamailio's signal handlers must run in Kamailio's thread only. */
class SignalsBlocked
{
public:
	SignalsBlocked()
	{
		sigset_t all;
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before_);
	}
	~SignalsBlocked()
	{
		pthread_sigmask(SIG_SETMASK, &before_, nullptr);
	}

private:
	sigset_t before_;
};

std::string flatten(const grpc::ByteBuffer &buffer)
{
	std::vector<grpc::Slice> slices;
	std::string bytes;
	if(!buffer.Dump(&slices).ok())
		return bytes;
	bytes.reserve(buffer.Length());
	for(const auto &slice : slices)
		bytes.append((const char *)slice.begin(), slice.size());
	return bytes;
}

/* The PEM files of TLS. Who changes them has the next connection use them. */
struct TlsFiles
{
	std::string ca, certificate, key;

	bool Used() const
	{
		return !ca.empty();
	}
	static std::string Read(const std::string &path)
	{
		std::ifstream file(path, std::ios::binary);
		return {std::istreambuf_iterator<char>(file), {}};
	}
	static long long Changed(const std::string &path)
	{
		struct stat s;
		if(stat(path.c_str(), &s) < 0)
			return 0;
		return s.st_mtim.tv_sec * 1000000000LL + s.st_mtim.tv_nsec;
	}
	std::vector<long long> Stamp() const
	{
		return {Changed(ca), Changed(certificate), Changed(key)};
	}
	static bool IsWhole(const std::string &pem)
	{
		return pem.find("-----END ") != std::string::npos;
	}
	/* None while a file is being written, or is away: without roots every
	 * public authority would be believed. */
	std::shared_ptr<grpc::ChannelCredentials> Credentials() const
	{
		if(!Used())
			return grpc::InsecureChannelCredentials();
		grpc::SslCredentialsOptions options;
		options.pem_root_certs = Read(ca);
		options.pem_private_key = Read(key);
		options.pem_cert_chain = Read(certificate);
		if(!IsWhole(options.pem_root_certs) || !IsWhole(options.pem_private_key)
				|| !IsWhole(options.pem_cert_chain))
			return nullptr;
		return grpc::SslCredentials(options);
	}
};

/* Why nobody is there; gRPC keeps that to itself. */
std::string Unreachable(const std::string &target)
{
	std::string said = target + " cannot be reached";
	sockaddr_un address = {};
	if(target.compare(0, 5, "unix:")
			|| target.size() - 5 >= sizeof(address.sun_path))
		return said
			   + " (address, firewall, or a certificate: the sidecar's log"
				 " names whom it refuses)";
	address.sun_family = AF_UNIX;
	memcpy(address.sun_path, target.data() + 5, target.size() - 5);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if(fd < 0)
		return said;
	int code = connect(fd, (sockaddr *)&address, sizeof(address)) ? errno : 0;
	close(fd);
	return code ? said + ": " + std::system_category().message(code)
				: said + ": who listens there is silent";
}

} // namespace

struct im_stream
{
	std::string target;
	TlsFiles tls;
	grpc::ChannelArguments arguments;
	int fd = -1;
	/* of who started it; the threads have their own */
	std::shared_ptr<im_stream> self;

	std::mutex mutex;
	bool stopping = false;
	std::deque<Item> items; /* towards Kamailio */
	size_t item_bytes = 0;
	std::condition_variable items_taken;

	std::deque<std::string> queued; /* batches towards the sidecar */
	std::condition_variable work;
	bool flushed = false;
	bool pacing = false;

	unsigned generation = 0; /* of the call that is open, or was last */
	std::shared_ptr<grpc::ClientContext> context; /* while a call is open */
	Call *call = nullptr;						  /* while it may be written */
	bool writing = false;
	std::condition_variable written;

	~im_stream()
	{
		if(fd >= 0)
			close(fd);
	}
	bool IsStopping()
	{
		std::lock_guard<std::mutex> lock(mutex);
		return stopping;
	}
	bool HasMuch() const
	{
		return queued.size() > 1
			   || (!queued.empty() && queued.front().size() >= kMuchBytes);
	}
	void Run();
	void Write();
	void Attach(grpc::Channel *channel, grpc::internal::RpcMethod *method);
	void Push(im_stream_item_type_t type, unsigned of, std::string bytes);
	void Complain(Time &next, std::string why);
	void LookAtFiles();

	/* of the thread that connects */
	std::shared_ptr<grpc::Channel> channel;
	std::vector<long long> stamp;
	Time next_of_files, next_of_connection;
};

void im_stream::Push(im_stream_item_type_t type, unsigned of, std::string bytes)
{
	std::unique_lock<std::mutex> lock(mutex);
	items_taken.wait(lock, [&] {
		return (items.size() < kMaxWaitingItems
					   && item_bytes < kMaxWaitingBytes)
			   || type != IM_STREAM_BATCH || stopping;
	});
	if(stopping)
		return;
	item_bytes += bytes.size();
	items.push_back({type, of, std::move(bytes)});
	uint64_t one = 1;
	(void)!write(fd, &one, sizeof(one));
}

/* One call, from its start to its status. */
void im_stream::Attach(
		grpc::Channel *channel, grpc::internal::RpcMethod *method)
{
	auto ctx = std::make_shared<grpc::ClientContext>();
	std::unique_ptr<Call> stream(
			grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer,
					grpc::ByteBuffer>::Create(channel, *method, ctx.get()));
	unsigned mine;
	{
		std::lock_guard<std::mutex> lock(mutex);
		mine = ++generation;
		queued.clear();
		context = ctx;
		call = stream.get();
		if(stopping)
			ctx->TryCancel();
	}
	Push(IM_STREAM_OPENED, mine, {});

	grpc::ByteBuffer buffer;
	while(stream->Read(&buffer)) {
		Push(IM_STREAM_BATCH, mine, flatten(buffer));
		buffer.Clear();
	}
	{
		std::unique_lock<std::mutex> lock(mutex);
		call = nullptr;
		queued.clear();
		/* a write that hangs on flow control ends with the call */
		if(writing)
			ctx->TryCancel();
		written.wait(lock, [&] { return !writing; });
	}
	grpc::Status status = stream->Finish();
	{
		std::lock_guard<std::mutex> lock(mutex);
		context.reset();
	}
	Push(IM_STREAM_LOST, mine,
			"status " + std::to_string(status.error_code())
					+ (status.error_message().empty() ? "" : " ")
					+ status.error_message().substr(0, 512));
}

void im_stream::Complain(Time &next, std::string why)
{
	auto now = std::chrono::steady_clock::now();
	if(now < next)
		return;
	next = now + kComplaint;
	Push(IM_STREAM_TROUBLE, 0, std::move(why));
}

/* Another channel when they are others; as long as they are not whole the one
 * there is. */
void im_stream::LookAtFiles()
{
	auto seen = tls.Used() ? tls.Stamp() : std::vector<long long>();
	if(channel && seen == stamp)
		return;
	auto credentials = tls.Credentials();
	if(!credentials) {
		Complain(next_of_files,
				"one of tls_ca, tls_certificate and tls_key is not whole or"
				" cannot be read, what was read before holds");
		return;
	}
	channel = grpc::CreateCustomChannel(target, credentials, arguments);
	stamp = std::move(seen);
	next_of_files = {};
}

void im_stream::Run()
{
	grpc_init();
	while(!IsStopping()) {
		LookAtFiles();
		if(!channel) {
			std::this_thread::sleep_for(kRefused);
			continue;
		}
		auto now = std::chrono::system_clock::now();
		if(!channel->WaitForConnected(now + std::chrono::seconds(1))) {
			Complain(next_of_connection, Unreachable(target));
			continue;
		}
		next_of_connection = {};
		grpc::internal::RpcMethod method(
				kMethod, grpc::internal::RpcMethod::BIDI_STREAMING, channel);
		auto begin = std::chrono::steady_clock::now();
		Attach(channel.get(), &method);
		auto lasted = std::chrono::steady_clock::now() - begin;
		std::this_thread::sleep_for(lasted < kRefused ? kRefused : kPause);
	}
}

/* What has been queued goes out in batches as large as they have become. */
void im_stream::Write()
{
	auto has_work = [&] { return flushed && call && !queued.empty(); };
	std::chrono::steady_clock::time_point next;
	std::unique_lock<std::mutex> lock(mutex);
	for(;;) {
		work.wait(lock, [&] { return stopping || has_work(); });
		if(stopping)
			return;
		if(std::chrono::steady_clock::now() < next) {
			pacing = true;
			work.wait_until(lock, next, [&] { return stopping || HasMuch(); });
			pacing = false;
			if(!has_work())
				continue;
		}
		std::string batch = std::move(queued.front());
		queued.pop_front();
		if(batch.size() >= kMuchBytes)
			next = std::chrono::steady_clock::now() + kPace;
		flushed = !queued.empty();
		Call *current = call;
		auto ctx = context;
		writing = true;
		lock.unlock();
		grpc::Slice slice(batch);
		bool ok = current->Write(grpc::ByteBuffer(&slice, 1));
		lock.lock();
		writing = false;
		/* after a failed write the reader sees the end of the call */
		if(!ok)
			call = nullptr;
		written.notify_all();
	}
}

im_stream_t *im_stream_start(const im_stream_options_t *options)
{
	try {
		SignalsBlocked blocked;
		auto stream = std::make_shared<im_stream_t>();
		stream->target = options->target;
		auto &a = stream->arguments;
		if(options->tls_ca) {
			stream->tls = {options->tls_ca, options->tls_certificate,
					options->tls_key};
			if(options->tls_name && *options->tls_name)
				a.SetSslTargetNameOverride(options->tls_name);
		}
		a.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, options->keepalive_ms);
		a.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, options->keepalive_timeout_ms);
		a.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
		a.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
		a.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
		a.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
		a.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
		a.SetMaxReceiveMessageSize(options->max_batch_bytes);
		a.SetMaxSendMessageSize(-1);
		a.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
		stream->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if(stream->fd < 0)
			return nullptr;
		stream->self = stream;
		std::thread([stream] { stream->Run(); }).detach();
		std::thread([stream] { stream->Write(); }).detach();
		return stream.get();
	} catch(const std::exception &) {
		return nullptr;
	}
}

void im_stream_stop(im_stream_t *stream)
{
	SignalsBlocked blocked;
	std::shared_ptr<im_stream_t> self;
	std::shared_ptr<grpc::ClientContext> open;
	{
		std::lock_guard<std::mutex> lock(stream->mutex);
		stream->stopping = true;
		open = stream->context;
		self = std::move(stream->self);
		stream->items_taken.notify_all();
		stream->work.notify_all();
	}
	if(open)
		open->TryCancel();
}

int im_stream_fd(im_stream_t *stream)
{
	return stream->fd;
}

int im_stream_next(im_stream_t *stream, im_stream_item_t *item)
{
	try {
		std::lock_guard<std::mutex> lock(stream->mutex);
		if(stream->items.empty()) {
			uint64_t count;
			(void)!read(stream->fd, &count, sizeof(count));
			return 0;
		}
		Item *taken = new Item(std::move(stream->items.front()));
		stream->items.pop_front();
		stream->item_bytes -= taken->bytes.size();
		stream->items_taken.notify_one();
		item->type = taken->type;
		item->generation = taken->generation;
		item->bytes = im_slice(taken->bytes.data(), (int)taken->bytes.size());
		item->handle = taken;
		return 1;
	} catch(const std::bad_alloc &) {
		return 0;
	}
}

void im_stream_release(im_stream_item_t *item)
{
	delete(Item *)item->handle;
	item->handle = nullptr;
}

int im_stream_send(im_stream_t *stream, unsigned generation, im_slice_t bytes)
{
	try {
		std::lock_guard<std::mutex> lock(stream->mutex);
		if(generation != stream->generation || !stream->call)
			return 0;
		auto &queued = stream->queued;
		if(queued.empty() || queued.back().size() + bytes.len > kBatchBytes)
			queued.emplace_back();
		queued.back().append(bytes.s, bytes.len);
		return 0;
	} catch(const std::bad_alloc &) {
		return -1;
	}
}

void im_stream_flush(im_stream_t *stream)
{
	std::lock_guard<std::mutex> lock(stream->mutex);
	if(stream->queued.empty())
		return;
	stream->flushed = true;
	if(!stream->pacing || stream->HasMuch())
		stream->work.notify_one();
}

void im_stream_reset(im_stream_t *stream, unsigned generation)
{
	SignalsBlocked blocked;
	std::shared_ptr<grpc::ClientContext> open;
	{
		std::lock_guard<std::mutex> lock(stream->mutex);
		if(generation != stream->generation)
			return;
		open = stream->context;
	}
	if(open)
		open->TryCancel();
}
