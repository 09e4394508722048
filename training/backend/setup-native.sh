#!/usr/bin/env bash
# npm run setup:native: adds the optional native TF.js backend, @tensorflow/tfjs-node, to node_modules.
#
# Its own installer downloads libtensorflow from Google's storage, which closed networks do not reach. This builds the addon from what
# the npm and PyPI registries hold: the package's C++ sources and the libtensorflow inside the tensorflow-cpu wheel.
# Needs Linux x86_64, g++ with C++17, unzip, python3 with pip. Downloads 0.25 GB once, to a cache; takes 0.65 GB of disk.
# `npm ci` removes it again: run this after it. Measure before preferring it: on 2 cores wasm was no slower.
set -euo pipefail

tfjs_version=4.22.0
tensorflow_version=2.18.1
project=$(cd "$(dirname "$0")/../.." && pwd)
package=$project/node_modules/@tensorflow/tfjs-node
cache=${XDG_CACHE_HOME:-$HOME/.cache}/contentflow-native/$tensorflow_version

need() { command -v "$1" >/dev/null || { echo "setup:native needs $1; install it and run this again" >&2; exit 1; }; }

[ "$(uname -sm)" = 'Linux x86_64' ] || { echo "setup:native works on Linux x86_64 only, this is $(uname -sm); the wasm backend works everywhere" >&2; exit 1; }
for tool in g++ unzip python3 node npm; do need "$tool"; done
cd "$project"

echo '1/4 npm packages, without their install scripts'
# npm leaves out what the project itself names as an optional peer, so they are fetched apart. What they need lies inside the package;
# only TF.js itself is the project's own copy: two engines in one process would not know of each other's tensors.
fetched=$(mktemp -d)
scratch=$(mktemp -d)
trap 'rm -rf "$fetched" "$scratch"' EXIT
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$fetched" "@tensorflow/tfjs-node@$tfjs_version" node-api-headers@1
rm -rf "$package"
mkdir -p "$package"
cp -r "$fetched/node_modules/@tensorflow/tfjs-node/." "$package/"
for own in "$project"/node_modules/@tensorflow/*; do rm -rf "$fetched/node_modules/@tensorflow/$(basename "$own")"; done
cp -r "$fetched/node_modules/." "$package/node_modules/"

echo '2/4 libtensorflow out of the Python wheel'
if [ ! -f "$cache/complete" ]; then
  python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$scratch" --implementation cp --abi cp311 --python-version 3.11 \
    --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 "tensorflow-cpu==$tensorflow_version"
  # unzip ends with 11 when a pattern matches nothing, which depends on the wheel's version.
  unzip -q "$scratch"/tensorflow_cpu-*.whl -d "$scratch/wheel" 'tensorflow/libtensorflow_*.so.2' 'tensorflow/include/tensorflow/c/*' \
    'tensorflow/include/tensorflow/core/platform/ctstring*' 'tensorflow/include/tsl/platform/ctstring*' \
    'tensorflow/include/xla/tsl/c/*' || [ $? -eq 11 ]
  mkdir -p "$cache/lib"
  mv "$scratch"/wheel/tensorflow/libtensorflow_*.so.2 "$cache/lib/"
  rm -rf "$cache/include" && mv "$scratch/wheel/tensorflow/include" "$cache/include"
  ln -sf libtensorflow_cc.so.2 "$cache/lib/libtensorflow.so"
  ln -sf libtensorflow_framework.so.2 "$cache/lib/libtensorflow_framework.so"
  touch "$cache/complete"
fi
rm -rf "$package/deps" && ln -s "$cache" "$package/deps"

echo '3/4 the addon'
napi=$(node -p 'Math.min(8, Number(process.versions.napi))')
addon=$package/lib/napi-v$napi
mkdir -p "$addon"
g++ -std=c++17 -O2 -fPIC -shared "-DNAPI_VERSION=$napi" \
  -I"$package/.." -I"$package/deps/include" -I"$package/node_modules/node-api-headers/include" \
  "$package/binding/tfjs_backend.cc" "$package/binding/tfjs_binding.cc" -o "$addon/tfjs_binding.node" \
  -L"$package/deps/lib" -ltensorflow -ltensorflow_framework '-Wl,-rpath,$ORIGIN/../../deps/lib' "-Wl,-rpath,$cache/lib"

# Node 23 dropped two functions of util that tfjs-node 4.22 calls.
sed -i -E 's/\(0, util_1\.isNullOrUndefined\)\(([A-Za-z]+)\)/(\1 == null)/g; s/\(0, util_1\.isArray\)\(/Array.isArray(/g' \
  "$package/dist/nodejs_kernel_backend.js" "$package/dist/kernels/TopK.js"

echo '4/4 a gradient, to prove it'
TF_CPP_MIN_LOG_LEVEL=3 node -e '
  const tf = require("@tensorflow/tfjs-node")
  const gradient = tf.grad((t) => tf.gather(t, tf.tensor1d([1, 1, 3], "int32")).square().sum())(tf.ones([5, 4])).sum().dataSync()[0]
  if (tf.getBackend() !== "tensorflow" || gradient !== 24) throw new Error(`expected 24 on tensorflow, got ${gradient} on ${tf.getBackend()}`)
  console.log(`native backend works on Node ${process.version}; use it with TFJS_BACKEND=native or auto`)'
