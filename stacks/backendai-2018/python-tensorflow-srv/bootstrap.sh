#!/bin/sh
# The agent sources this as root and waits for it, so the server goes to the background.
tensorflow_model_server --port=8500 --rest_api_port=8501 --model_base_path="${MODEL_PATH:-/models}" \
    > /tmp/tensorflow-serving.log 2>&1 &
