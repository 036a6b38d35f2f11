// Records what real clients emit: one process per client and scenario, its
// OTLP/JSON requests written one a line, with what the stand-in served beside
// them. Usage: node record.mjs [output folder]
import { spawn } from 'node:child_process';
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './provider.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../../testdata/recorded'));
const all = ['plain', 'stream', 'cached', 'reasoning', 'tools', 'retry', 'exhausted'];
const combinations = [
  { name: 'openai-6.49.0+otel', run: ['openai.cjs', 'otel'], scenarios: all },
  { name: 'openai-6.49.0+openinference', run: ['openai.cjs', 'openinference'], scenarios: all },
  { name: 'anthropic-1.12.0+native', run: ['anthropic.cjs', 'native'], scenarios: all.filter((s) => s !== 'reasoning') },
  { name: 'ai-6.0.326+openai', run: ['vercel.mjs', 'openai'], scenarios: all },
  { name: 'ai-6.0.326+anthropic', run: ['vercel.mjs', 'anthropic'], scenarios: all.filter((s) => s !== 'reasoning') },
];

// sink collects OTLP/HTTP JSON requests.
function sink() {
  const bodies = [];
  const server = http.createServer((req, res) => {
    const chunks = [];
    req.on('data', (c) => chunks.push(c));
    req.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end('{}');
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve({ url: `http://127.0.0.1:${server.address().port}`, bodies, close: () => server.close() })));
}

// clean takes out what names this machine: stack traces, folders, ports.
const dropped = new Set(['exception.stacktrace', 'host.name', 'host.id', 'process.pid', 'process.command', 'process.command_args', 'process.executable.path', 'process.owner']);
function clean(node, port) {
  if (Array.isArray(node)) return node.filter((n) => !(n && dropped.has(n.key))).map((n) => clean(n, port));
  if (node && typeof node === 'object') return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, clean(v, port)]));
  if (typeof node === 'string') return node.replaceAll(`127.0.0.1:${port}`, '127.0.0.1:18080').replace(/~\d+/g, '~1');
  if (node === Number(port)) return 18080;
  return node;
}

const run = (args, env) => new Promise((resolve, reject) => {
  const child = spawn(process.execPath, args, { cwd: here, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('exit', (code) => (code ? reject(new Error(`${args.join(' ')} ended with ${code}`)) : resolve()));
});

const versions = JSON.parse(await readFile(path.join(here, 'package.json'))).dependencies;
let n = 0;
for (const c of combinations) {
  await mkdir(path.join(out, c.name), { recursive: true });
  for (const scenario of c.scenarios) {
    const provider = await start();
    const collector = await sink();
    await run([...c.run, scenario], { PROVIDER_URL: provider.url, OTLP_URL: collector.url, OTEL_SEMCONV_STABILITY_OPT_IN: '' });
    const port = new URL(provider.url).port;
    const lines = collector.bodies.map((b) => JSON.stringify(clean(b, port)));
    await writeFile(path.join(out, c.name, scenario + '.jsonl'), lines.join('\n') + '\n');
    await writeFile(path.join(out, c.name, scenario + '.truth.json'), JSON.stringify({ client: c.name, scenario, node: process.version, served: provider.log }, null, 1) + '\n');
    provider.close(); collector.close();
    console.log(`${String(++n).padStart(3)}  ${c.name.padEnd(30)} ${scenario.padEnd(10)} ${provider.log.length} requests, ${lines.length} batches`);
  }
}
await writeFile(path.join(out, 'versions.json'), JSON.stringify(versions, null, 1) + '\n');
