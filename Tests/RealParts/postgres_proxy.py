"""A TCP proxy in front of PostgreSQL that can be a bad network: slow, frozen, refusing, or cut at the worst moment.

It reads just enough of the frontend/backend protocol (version 3) to know which statements travel and when they are
committed: messages have a type of one byte and a length of four; statements come as Query, or as Parse, Bind and
Execute closed by Sync; the server ends its answer with ReadyForQuery, which says whether a transaction is still open.
"""

import collections
import select
import socket
import struct
import threading
import time

from loge import free_port_base

# What comes in the place of a protocol version at the start of a connection.
CANCEL_REQUEST, SSL_REQUEST, GSSENC_REQUEST = 80877102, 80877103, 80877104

# CopyInResponse, CopyOutResponse, CopyBothResponse: the client must read them before the answer has ended.
COPY = b"GHW"

# NotificationResponse, NoticeResponse, ParameterStatus: they come at any time and belong to no statement.
UNASKED = b"ANS"


class Rule:
    """Something that is to happen to the statements that contain a word."""

    def __init__(self, word, what, times):
        self.word, self.what, self.times = word.lower(), what, times
        self.happened, self.is_released = threading.Event(), False

    def applies(self, texts):
        """Whether it is to happen to one of these statements; each time counts."""
        if self.times > 0 and any(self.word in text.lower() for text in texts):
            self.times -= 1
            return True
        return False

    def wait(self, seconds=20):
        assert self.happened.wait(seconds), f"no statement with {self.word!r} came within {seconds} s"


class PostgresProxy:
    """One port of the loopback that leads to a server, whose port `upstream()` says when the first connection comes."""

    def __init__(self, upstream):
        self.upstream, self.port = upstream, free_port_base(1)
        self.changed = threading.Condition()  # guards everything below
        self.connections, self.listener = set(), None
        self._delay, self._frozen, self._losing, self._stalling = 0.0, False, [], []
        self.seen = collections.Counter()  # statements on their way to the server, by their first word

    # Life.

    def start(self):
        self.accept()
        return self

    def stop(self):
        self.refuse()
        self.well()
        self.cut()

    def __enter__(self):
        return self.start()

    def __exit__(self, *reason):
        self.stop()

    # Faults. Each lasts until `well` or its opposite.

    def refuse(self):
        """Nobody listens any more: new connections are refused. Those that are there stay."""
        with self.changed:
            listener, self.listener = self.listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
            listener.close()

    def accept(self):
        with self.changed:
            if self.listener is not None:
                return
            self.listener = listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def delay(self, seconds):
        """Every answer of the server comes that much later."""
        with self.changed:
            self._delay = seconds
            self.changed.notify_all()

    def freeze(self):
        """Nothing passes in either direction; connections can still be made, and are not answered."""
        with self.changed:
            self._frozen = True

    def well(self):
        """Whatever was wrong is over, and what was held back goes on."""
        with self.changed:
            self._delay, self._frozen, self._losing = 0.0, False, []
            rules, self._stalling = self._stalling, []
            for rule in rules:
                rule.is_released = True
            self.changed.notify_all()

    def cut(self):
        """Every connection ends as at a reset; the server sees its client gone."""
        with self.changed:
            connections = list(self.connections)
        for connection in connections:
            connection.cut()

    def lose_answer(self, word, then=None, times=1):
        """When a transaction with a statement that contains the word has been committed, the connection is cut before
        the answer passes; `then` is called first."""
        rule = Rule(word, then, times)
        with self.changed:
            self._losing.append(rule)
        return rule

    def stall(self, word, times=1):
        """A statement that contains the word is held back before it reaches the server, until the rule is released."""
        rule = Rule(word, None, times)
        with self.changed:
            self._stalling.append(rule)
        return rule

    # What connections ask.

    def rule_for(self, kind, texts):
        with self.changed:
            rules = self._losing if kind == "losing" else self._stalling
            return next((rule for rule in rules if rule.applies(texts)), None)

    def wait_while_frozen(self, connection):
        with self.changed:
            self.changed.wait_for(lambda: connection.ended or not self._frozen)

    def wait_while_late(self, connection, came):
        """Waits while frozen, and as long as an answer that came then is late."""
        with self.changed:
            while not connection.ended and (self._frozen or came + self._delay > time.monotonic()):
                left = came + self._delay - time.monotonic()
                self.changed.wait(None if self._frozen else left)

    def wait_for(self, rule, connection):
        with self.changed:
            self.changed.wait_for(lambda: connection.ended or rule.is_released)

    def end(self, connection):
        with self.changed:
            connection.ended = True
            self.changed.notify_all()

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        connection = Connection(self, client)
        with self.changed:
            self.connections.add(connection)
        self.wait_while_frozen(connection)
        try:
            connection.run(self.upstream())
        except OSError:
            connection.cut()
        finally:
            connection.close()
            with self.changed:
                self.connections.discard(connection)


class Connection:
    """One connection of a client, and the one to the server that it led to. Sockets are closed once both directions
    have ended, and not before: their numbers would be given to others."""

    def __init__(self, proxy, client):
        self.proxy, self.client, self.server, self.ended = proxy, client, None, False
        self.statements, self.portals = {}, {}  # names to texts
        self.sent = []  # the statements since the last Sync
        self.asked = collections.deque()  # the statements that each ReadyForQuery to come will answer
        self.transaction = []  # the statements of the open transaction

    def run(self, port):
        self.server = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.server.settimeout(None)
        for one in (self.client, self.server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        answers = threading.Thread(target=self._guarded, args=(self._answers,), daemon=True)
        if self._guarded(self._begin):
            answers.start()
            self._guarded(self._requests)
            answers.join()

    def cut(self):
        """Ends it as when the network goes away: the client reads "connection reset"."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        hang_up(self.client, socket.SHUT_RD)  # says nothing yet, and wakes whoever waits for the client
        self._end_server()

    def close(self):
        for one in (self.client, self.server):
            if one is not None:
                one.close()

    def _end_server(self):
        if self.server is not None:
            hang_up(self.server, socket.SHUT_RDWR)
        self.proxy.end(self)

    def _guarded(self, part):
        """Runs one direction. When it ends, whichever way, the other one does too."""
        try:
            if part():
                return True
        except (OSError, EOFError):
            pass
        hang_up(self.client, socket.SHUT_RD)
        self._end_server()
        return False

    def _begin(self):
        """The first message, which has no type. Nothing is encrypted here: whoever asks for that is told no."""
        while True:
            first = exactly(self.client, 8)
            length, version = struct.unpack("!II", first)
            rest = exactly(self.client, length - 8)
            if version not in (SSL_REQUEST, GSSENC_REQUEST):
                self.server.sendall(first + rest)
                return version != CANCEL_REQUEST
            self.client.sendall(b"N")

    def _requests(self):
        while True:
            kind, message = frame(self.client)
            texts = self._note(kind, message[5:])
            self.proxy.wait_while_frozen(self)
            rule = self.proxy.rule_for("stalling", texts) if texts else None
            if rule is not None:
                rule.happened.set()
                self.proxy.wait_for(rule, self)
                if has_gone(self.client):
                    return  # it never reached the server
            self.server.sendall(message)

    def _note(self, kind, body):
        """Follows what the client asks; the statements that this message has executed are the answer."""
        if kind == b"P":
            name, text = body.split(b"\0", 2)[:2]
            self.statements[name] = text.decode(errors="replace")
        elif kind == b"B":
            portal, name = body.split(b"\0", 2)[:2]
            self.portals[portal] = self.statements.get(name, "")
        elif kind == b"E":
            text = self.portals.get(body.split(b"\0", 1)[0], "")
            self.sent.append(text)
            return self._counted(text)
        elif kind == b"Q":
            text = body.rstrip(b"\0").decode(errors="replace")
            self.asked.append([text])
            return self._counted(text)
        elif kind == b"S":
            self.asked.append(self.sent)
            self.sent = []
        return []

    def _counted(self, text):
        words = text.split(None, 1)
        self.proxy.seen[words[0].upper().rstrip(";") if words else ""] += 1
        return [text]

    def _answers(self):
        """Passes answers whole, up to their ReadyForQuery, so that one can be lost whole."""
        is_open, answer, failed, came = False, b"", False, 0.0
        while True:
            # What is there already came while the message before it was late, and is not late once more.
            if not select.select([self.server], [], [], 0)[0]:
                select.select([self.server], [], [])
                came = time.monotonic()
            kind, message = frame(self.server)
            if not is_open or kind in UNASKED or kind in COPY:
                answer += message
                self.proxy.wait_while_late(self, came)
                self.client.sendall(answer)
                answer, is_open = b"", is_open or kind == b"Z"
                continue
            answer += message
            failed = failed or kind == b"E" or (kind == b"C" and message[5:].startswith(b"ROLLBACK"))
            if kind != b"Z":
                continue
            self.transaction += self.asked.popleft() if self.asked else []
            if message[5:6] == b"I":  # no transaction is open any more
                rule = None if failed else self.proxy.rule_for("losing", self.transaction)
                self.transaction = []
                if rule is not None:
                    if rule.what is not None:
                        rule.what()
                    self.cut()
                    rule.happened.set()
                    raise EOFError
            self.proxy.wait_while_late(self, came)
            self.client.sendall(answer)
            answer, failed = b"", failed and message[5:6] == b"E"


def exactly(stream, count):
    data = b""
    while len(data) < count:
        more = stream.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def frame(stream):
    """The next message: its type, and all of it."""
    head = exactly(stream, 5)
    return head[:1], head + exactly(stream, struct.unpack("!I", head[1:])[0] - 4)


def has_gone(stream):
    """Whether the other side has closed; what it sent before may still be unread."""
    poll = select.poll()
    poll.register(stream, select.POLLRDHUP)
    return bool(poll.poll(0))


def hang_up(stream, directions):
    try:
        stream.shutdown(directions)
    except OSError:
        pass  # it is gone already
