lms get qwen/qwen3-4b-2507
lms server start
