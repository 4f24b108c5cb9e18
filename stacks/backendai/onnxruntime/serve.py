"""Serves the ONNX models of a folder by the Open Inference Protocol, version 2, as JSON over HTTP.

    serve.py FOLDER PORT

    GET  /v2/health/live, /v2/health/ready
    GET  /v2/models/NAME, /v2/models/NAME/ready
    POST /v2/models/NAME/infer      {"inputs": [{"name": …, "shape": […], "datatype": …, "data": […]}]}

NAME is a model's file without ".onnx".
"""

import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime

# The protocol's names, NumPy's, and those in an ONNX model.
DATATYPES = (
    ("BOOL", "bool", "bool"),
    ("UINT8", "uint8", "uint8"),
    ("INT8", "int8", "int8"),
    ("INT32", "int32", "int32"),
    ("INT64", "int64", "int64"),
    ("FP16", "float16", "float16"),
    ("FP32", "float32", "float"),
    ("FP64", "float64", "double"),
)
ARRAYS = {name: np.dtype(array) for name, array, _ in DATATYPES}
NAMES = {np.dtype(array): name for name, array, _ in DATATYPES}
DESCRIBED = {f"tensor({model})": name for name, _, model in DATATYPES}
LARGEST_REQUEST = 64 * 1024 * 1024


class Refused(Exception):
    """A request that cannot be answered: a status and what is wrong."""


def load(folder):
    """The folder's models by name; a file that is no model ends the program, which is better seen at once."""
    return {
        path.stem: onnxruntime.InferenceSession(path, providers=onnxruntime.get_available_providers())
        for path in sorted(folder.glob("*.onnx"))
    }


def described(name, session):
    """A model's metadata."""

    def tensors(found):
        return [{"name": one.name, "datatype": DESCRIBED.get(one.type, one.type), "shape": one.shape} for one in found]

    return {
        "name": name,
        "platform": "onnxruntime_onnx",
        "inputs": tensors(session.get_inputs()),
        "outputs": tensors(session.get_outputs()),
    }


def inferred(name, session, request):
    """The answer to a request for inference."""
    try:
        given = {
            tensor["name"]: np.array(tensor["data"], ARRAYS[tensor["datatype"]]).reshape(tensor["shape"])
            for tensor in request["inputs"]
        }
        found = session.run(None, given)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"no such inputs: {error}") from error
    except Exception as error:  # ONNX Runtime's own errors share no other class
        raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
    outputs = [
        {"name": tensor.name, "datatype": NAMES[array.dtype], "shape": array.shape, "data": array.ravel().tolist()}
        for tensor, array in zip(session.get_outputs(), found, strict=True)
    ]
    return {"model_name": name, "outputs": outputs}


def answer(models, method, path, body):
    """What a request gets, as data that JSON can hold."""
    match method, path.split("?")[0].strip("/").split("/"):
        case "GET", ["v2", "health", "live"]:
            return {"live": True}
        case "GET", ["v2", "health", "ready"]:
            return {"ready": True}
        case "GET", ["v2", "models", name] if name in models:
            return described(name, models[name])
        case "GET", ["v2", "models", name, "ready"] if name in models:
            return {"name": name, "ready": True}
        case "POST", ["v2", "models", name, "infer"] if name in models:
            try:
                request = json.loads(body)
            except ValueError as error:
                raise Refused(HTTPStatus.BAD_REQUEST, f"no JSON: {error}") from error
            return inferred(name, models[name], request)
    raise Refused(HTTPStatus.NOT_FOUND, f"there is no {method} {path}; models: {', '.join(models) or 'none'}")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply("GET", b"")

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LARGEST_REQUEST:
            self.close_connection = True
            why = f"no length is given, or one of more than {LARGEST_REQUEST} bytes"
            self.send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": why})
            return
        self.reply("POST", self.rfile.read(int(length)))

    def reply(self, method, body):
        try:
            self.send(HTTPStatus.OK, answer(self.server.models, method, self.path, body))
        except Refused as refused:
            status, why = refused.args
            self.send(status, {"error": why})

    def send(self, status, document):
        text = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def main(folder, port):
    """Serves until the session ends."""
    server = ThreadingHTTPServer(("", int(port)), Handler)
    server.models = load(Path(folder))
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
