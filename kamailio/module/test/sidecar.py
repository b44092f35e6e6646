# A scripted sidecar: a gRPC server whose test says what to do.
#
# Copyright (C) 2026 The ImSidecar authors
# SPDX-License-Identifier: GPL-3.0-or-later

import queue
import sys
import threading
import time
from concurrent import futures

import grpc
import sip_gateway_pb2 as pb


class Sidecar:
    """Serves one target. Keeps the events of all streams until somebody asks for them."""

    def __init__(self, target, node="scripted", version=1, domains=("im.example.com",), confirm=True):
        self.node, self.version, self.domains, self.confirm = node, version, domains, confirm
        self.target, self.events, self.hellos = target, [], []
        self.changed = threading.Condition()
        self.actions, self.streams, self.closing = None, 0, False
        self.server = grpc.server(futures.ThreadPoolExecutor(4), options=[
            ("grpc.max_receive_message_length", 64 << 20), ("grpc.http2.min_ping_interval_without_data_ms", 1000),
            ("grpc.http2.max_ping_strikes", 0)])
        handler = grpc.stream_stream_rpc_method_handler(
            self._attach, pb.SipEventBatch.FromString, lambda data: data)
        self.server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("imsidecar.v1.SipGateway", {"Attach": handler}),))
        assert self.server.add_insecure_port(target)
        self.server.start()

    def stop(self):
        self.closing = True
        if self.actions:
            self.actions.put(None)
        self.server.stop(0).wait()

    def _attach(self, batches, context):
        actions = queue.Queue()
        context.send_initial_metadata(())
        reader = threading.Thread(target=self._read, args=(batches, actions), daemon=True)
        reader.start()
        while (data := actions.get()) is not None:
            yield data

    def _read(self, batches, actions):
        try:
            for batch in batches:
                for event in batch.events:
                    self._take(event, actions)
        except grpc.RpcError:
            pass
        except Exception as e:
            if not self.closing:
                print("scripted sidecar:", e, file=sys.stderr)
        finally:
            actions.put(None)
            with self.changed:
                if self.actions is actions:
                    self.actions = None
                self.changed.notify_all()

    def _take(self, event, actions):
        if event.WhichOneof("event") == "hello":
            hello = pb.NodeHello(protocol_version=self.version, node=self.node, domains=self.domains, server_version="0")
            self._put(actions, pb.SipAction(hello=hello))
        elif self.confirm:
            self._put(actions, pb.SipAction(confirm=pb.Confirm(sequence=event.sequence)))
        with self.changed:
            if event.WhichOneof("event") == "hello":
                self.hellos.append(event.hello)
                self.actions = actions
                self.streams += 1
            else:
                self.events.append(event)
            self.changed.notify_all()

    @staticmethod
    def _put(actions, *items):
        actions.put(pb.SipActionBatch(actions=items).SerializeToString())

    def raw(self, data):
        self.actions.put(data)

    def act(self, *items):
        with self.changed:
            assert self.changed.wait_for(lambda: self.actions, 5), "no stream"
            self._put(self.actions, *items)

    def wait(self, kind, wanted=lambda message: True, timeout=4.0):
        """The first event of that kind that is wanted, taken out; returns its message."""
        return getattr(self.wait_event(kind, wanted, timeout), kind)

    def wait_event(self, kind, wanted=lambda message: True, timeout=4.0):
        until = time.monotonic() + timeout
        with self.changed:
            while True:
                for i, event in enumerate(self.events):
                    if event.WhichOneof("event") == kind and wanted(getattr(event, kind)):
                        return self.events.pop(i)
                left = until - time.monotonic()
                assert left > 0 and self.changed.wait(left) or left > 0, f"no {kind}; have: {self.names()}"

    def names(self):
        return [event.WhichOneof("event") for event in self.events]

    def none(self, kind, wanted, seconds):
        try:
            event = self.wait(kind, wanted, seconds)
        except AssertionError:
            return
        raise AssertionError(f"unexpected {kind}: {event}")

    def wait_streams(self, count, timeout=5.0):
        with self.changed:
            assert self.changed.wait_for(lambda: self.streams >= count and self.actions, timeout), "not attached"

    # Actions in short.

    def reply(self, transaction, ordinal, code, reason="Reason", headers=(), body=b"", record_route=False, to_tag="",
              quiet=False, slot=0):
        self.act(pb.SipAction(reply=pb.Reply(transaction=transaction, ordinal=ordinal, code=code, reason=reason,
                                             headers=header_list(headers), body=body, record_route=record_route, to_tag=to_tag,
                                             quiet=quiet, slot=slot)))

    def originate(self, **fields):
        fields["headers"] = header_list(fields.get("headers", ()))
        self.act(pb.SipAction(originate=pb.Originate(**fields)))

    def cancel(self, action_key, invite_key):
        self.act(pb.SipAction(cancel=pb.Cancel(action_key=action_key, invite_key=invite_key)))

    def ack(self, **fields):
        fields["headers"] = header_list(fields.get("headers", ()))
        self.act(pb.SipAction(ack=pb.Ack(**fields)))


def header_list(headers):
    return [pb.Header(name=name, value=value if isinstance(value, bytes) else value.encode()) for name, value in headers]


if __name__ == "__main__":
    # Attaches, takes everything, answers nothing: to be killed.
    silent = Sidecar(sys.argv[1])
    silent.wait_streams(1, 20)
    print("attached", flush=True)
    while True:
        silent.wait("request", timeout=60)
        print("request", flush=True)
