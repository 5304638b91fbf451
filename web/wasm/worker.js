// The engine in a worker of its own, so that the page never waits for it. A question
// {id, method, request} is answered with {id, answer}, or {id, failed} if the engine
// could not be started.

importScripts('wasm_exec.js');

const ready = (async () => {
  const reply = await fetch('zksim.wasm.gz');
  if (!reply.ok) throw new Error(`zksim.wasm.gz is missing (status ${reply.status})`);
  const bytes = await reply.arrayBuffer();
  // Some servers unpack it on the way.
  const [a, b] = new Uint8Array(bytes, 0, 2);
  const stream = new Blob([bytes]).stream();
  const plain = a === 0x1f && b === 0x8b ? stream.pipeThrough(new DecompressionStream('gzip')) : stream;
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(
    new Response(plain, { headers: { 'Content-Type': 'application/wasm' } }),
    go.importObject,
  );
  go.run(instance);
})();

onmessage = async ({ data: { id, method, request } }) => {
  try {
    await ready;
  } catch (e) {
    return postMessage({ id, failed: `The engine could not be started: ${e.message}` });
  }
  try {
    postMessage({ id, answer: zksimCall(method, request) });
  } catch (e) {
    postMessage({ id, failed: `The engine stopped: ${e.message}. Reload the page.` });
  }
};
