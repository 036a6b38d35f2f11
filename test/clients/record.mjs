// Records what real clients emit: one process per client and scenario, its
// OTLP/JSON requests written one a line, with what the stand-in served beside
// them. Usage: node record.mjs [output folder [combination [scenario]]]
import { spawn } from 'node:child_process';
import { mkdir, writeFile, readFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { combinations } from './combinations.mjs';
import { start } from './provider.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, '../../testdata/recorded'));
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

// clean takes out what names this machine: stack traces, wherever they stand,
// folders, ports.
const dropped = new Set(['exception.stacktrace', 'host.name', 'host.id', 'process.pid', 'process.command', 'process.command_args', 'process.executable.path', 'process.owner']);
function clean(node, port) {
  if (Array.isArray(node)) return node.filter((n) => !(n && dropped.has(n.key))).map((n) => clean(n, port));
  if (node && typeof node === 'object') return Object.fromEntries(Object.entries(node).map(([k, v]) => [k, clean(v, port)]));
  if (typeof node === 'string') return node.replace(/\\?\n\s+at [^]*/, '').replaceAll(`127.0.0.1:${port}`, '127.0.0.1:18080').replace(/~\d+/g, '~1');
  if (node === Number(port)) return 18080;
  return node;
}

const run = (args, env) => new Promise((resolve, reject) => {
  const child = spawn(process.execPath, args, { cwd: here, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
  child.on('exit', (code) => (code ? reject(new Error(`${args.join(' ')} ended with ${code}`)) : resolve()));
});

// record runs one client through one scenario. A process that a cut stream
// ends is a finding, not a fault of the recorder: what it exported is kept.
async function record(c, scenario) {
  const provider = await start();
  const collector = await sink();
  let ended = '';
  try {
    await run([...c.run, scenario], { PROVIDER_URL: provider.url, OTLP_URL: collector.url, OTEL_SEMCONV_STABILITY_OPT_IN: '' });
  } catch (e) {
    if (scenario !== 'cut') throw e;
    ended = ', the process ended in an error';
  }
  const port = new URL(provider.url).port;
  const lines = collector.bodies.map((b) => JSON.stringify(clean(b, port)) + '\n');
  const file = path.join(out, c.name, scenario);
  await writeFile(file + '.jsonl', lines.join(''));
  await writeFile(file + '.truth.json', JSON.stringify({ client: c.name, scenario, node: process.version, served: provider.log }, null, 1) + '\n');
  provider.close(); collector.close();
  console.log(`${c.name.padEnd(32)} ${scenario.padEnd(10)} ${provider.log.length} requests, ${lines.length} batches${ended}`);
}

const [, , , onlyClient, onlyScenario] = process.argv;
const todo = [];
for (const c of combinations) {
  if (onlyClient && c.name !== onlyClient) continue;
  await mkdir(path.join(out, c.name), { recursive: true });
  for (const s of c.scenarios) if (!onlyScenario || s === onlyScenario) todo.push([c, s]);
}
await Promise.all(Array.from({ length: 3 }, async () => {
  for (let next; (next = todo.shift());) await record(...next);
}));

const versions = {};
for (const folder of ['.', 'ai5', 'ai7', 'anthropic-0137']) {
  versions[folder] = JSON.parse(await readFile(path.join(here, folder, 'package.json'))).dependencies;
}
await writeFile(path.join(out, 'versions.json'), JSON.stringify(versions, null, 1) + '\n');
