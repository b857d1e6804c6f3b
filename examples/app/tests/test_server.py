"""Run by the build: an image whose tests fail is never made."""

import json
import unittest
import urllib.request
from threading import Thread

from service.server import answer, made


class TheService(unittest.TestCase):
    def test_it_says_which_build_it_is(self) -> None:
        assert answer("/", "3f2a91c") == (200, {"service": "app", "revision": "3f2a91c"})

    def test_it_says_what_there_is(self) -> None:
        assert answer("/admin", "3f2a91c")[0] == 404

    def test_it_answers(self) -> None:
        server = made("127.0.0.1", 0, "3f2a91c")
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            ask = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with ask.open(f"http://127.0.0.1:{server.server_port}/healthz", timeout=5) as response:
                assert json.load(response) == {"status": "ok"}
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
