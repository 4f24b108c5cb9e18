"""Writes an ONNX model to the file of the first argument: y, the sum of the squares of x."""

import sys

from onnx import TensorProto, checker, helper, save

x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
node = helper.make_node("ReduceSumSquare", ["x"], ["y"], keepdims=1)
graph = helper.make_graph([node], "sum-of-squares", [x], [y])
# Old versions of the format, which every ONNX Runtime in use reads.
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
checker.check_model(model, full_check=True)
save(model, sys.argv[1])
