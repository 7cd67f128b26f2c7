"""Serves the version and the prices as JSON."""
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from shop import __version__
from shop.prices import prices


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"version": __version__, "prices": prices()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


def main():
    HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Shop).serve_forever()
