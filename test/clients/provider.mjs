// A stand-in for the providers: it speaks enough of OpenAI's chat completions
// and responses, of Anthropic's messages and of Gemini's generateContent to
// satisfy their SDKs, answers by scenario, and logs what it served. Its log is
// the truth that recordings are held against: usage here is what a real
// provider would bill. OpenAI's and Gemini's input holds the cached tokens and
// their output the reasoning; Anthropic's counts stand side by side.
import http from 'node:http';
import { randomUUID } from 'node:crypto';

const OPENAI_MODEL = { 'gpt-4o': 'gpt-4o-2024-08-06', 'gpt-4o-mini': 'gpt-4o-mini-2024-07-18', 'gpt-5-mini': 'gpt-5-mini-2025-08-07' };
const ANTHROPIC_MODEL = { 'claude-sonnet-4-5': 'claude-sonnet-4-5-20250929', 'claude-haiku-4-5': 'claude-haiku-4-5-20251001' };
// In the scenario fallback these have no capacity left.
const EXHAUSTED = new Set(['gpt-4o', 'claude-sonnet-4-5', 'gemini-2.5-flash']);

const OPENAI_USAGE = {
  plain: { input: 120, cached: 0, output: 30, reasoning: 0 },
  cached: { input: 2048, cached: 1536, output: 30, reasoning: 0 },
  reasoning: { input: 120, cached: 0, output: 300, reasoning: 256 },
};
const ANTHROPIC_USAGE = {
  plain: { input: 120, read: 0, write5m: 0, write1h: 0, output: 30 },
  cached: { input: 100, read: 1500, write5m: 300, write1h: 100, output: 30 },
};
const GEMINI_USAGE = {
  plain: { input: 120, cached: 0, output: 30, reasoning: 0 },
  cached: { input: 2048, cached: 1536, output: 94, reasoning: 64 },
  reasoning: { input: 120, cached: 0, output: 300, reasoning: 256 },
};

// start listens on a free loopback port and returns {url, log, close}.
export function start() {
  const log = [];
  const attempts = new Map();
  const server = http.createServer((req, res) => {
    const chunks = [];
    req.on('data', (c) => chunks.push(c));
    req.on('end', () => {
      const [, , run, ...rest] = req.url.split('?')[0].split('/');
      const scenario = run.split('~')[0];
      const attempt = (attempts.get(run) ?? 0) + 1;
      attempts.set(run, attempt);
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
      answer({ res, scenario, attempt, body, path: '/' + rest.join('/'), log });
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => {
    resolve({ url: `http://127.0.0.1:${server.address().port}`, log, close: () => server.close() });
  }));
}

function answer(q) {
  const gemini = q.path.match(/\/models\/([^:]+):(generateContent|streamGenerateContent)$/);
  if (gemini) {
    q.body.model = gemini[1];
    q.body.stream = gemini[2] === 'streamGenerateContent';
  }
  const fails = (q.scenario === 'retry' && q.attempt === 1) || q.scenario === 'exhausted' || (q.scenario === 'fallback' && EXHAUSTED.has(q.body.model));
  const kind = gemini ? generate : q.path.endsWith('/chat/completions') ? chat : q.path.endsWith('/responses') ? responses : q.path.endsWith('/messages') ? messages : null;
  if (!kind) return reply(q, 404, { error: { message: 'no such path', type: 'not_found_error' } });
  if (fails) {
    note(q, 429, null, platformOf.get(kind));
    return reply(q, 429, REFUSAL[platformOf.get(kind)], { 'retry-after-ms': '20' });
  }
  kind(q);
}

const REFUSAL = {
  openai: { error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' } },
  anthropic: { type: 'error', error: { type: 'rate_limit_error', message: 'rate limited' } },
  gemini: { error: { code: 429, message: 'Resource exhausted', status: 'RESOURCE_EXHAUSTED' } },
};

function note(q, status, usage, platform, model) {
  q.log.push({ scenario: q.scenario, path: q.path, attempt: q.attempt, status, platform, requested: q.body.model, served: model ?? null, stream: q.body.stream === true, ...(q.scenario === 'cut' && usage ? { cut: true, usage: { ...usage, output: 1 } } : { usage }) });
}

function reply(q, status, body, headers = {}) {
  q.res.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-' + q.log.length, ...headers });
  q.res.end(JSON.stringify(body));
}

// sse streams events; a cut stream breaks off after its first token.
function sse(q, events, named, done = !named) {
  q.res.writeHead(200, { 'content-type': 'text/event-stream' });
  const write = (e) => q.res.write((named ? `event: ${e.type}\n` : '') + `data: ${JSON.stringify(e)}\n\n`);
  if (q.scenario === 'cut') {
    events.slice(0, named ? 3 : 2).forEach(write);
    setTimeout(() => q.res.destroy(), 50);
    return;
  }
  events.forEach(write);
  if (done) q.res.write('data: [DONE]\n\n');
  q.res.end();
}

const wantsTool = (q) => q.scenario === 'tools' && q.attempt === 1;
const usageOf = (table, q) => table[q.scenario] ?? table.plain;

function chat(q) {
  const u = usageOf(OPENAI_USAGE, q);
  const model = OPENAI_MODEL[q.body.model] ?? q.body.model;
  const id = `chatcmpl-${randomUUID()}`;
  const usage = {
    prompt_tokens: u.input, completion_tokens: u.output, total_tokens: u.input + u.output,
    prompt_tokens_details: { cached_tokens: u.cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: u.reasoning, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
  };
  note(q, 200, u, 'openai', model);
  const base = { id, created: 1750000000, model, service_tier: 'default', system_fingerprint: 'fp_1' };
  if (q.body.stream) {
    const chunk = (delta, finish = null, extra = {}) => ({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }], ...extra });
    const events = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'fine' }), chunk({}, 'stop')];
    if (q.body.stream_options?.include_usage) events.push({ ...base, object: 'chat.completion.chunk', choices: [], usage });
    return sse(q, events, false);
  }
  const message = wantsTool(q)
    ? { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Ghent"}' } }] }
    : { role: 'assistant', content: 'fine', refusal: null };
  reply(q, 200, { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: wantsTool(q) ? 'tool_calls' : 'stop', logprobs: null }], usage });
}

function responses(q) {
  const u = usageOf(OPENAI_USAGE, q);
  const model = OPENAI_MODEL[q.body.model] ?? q.body.model;
  const id = `resp_${randomUUID()}`;
  const usage = {
    input_tokens: u.input, input_tokens_details: { cached_tokens: u.cached }, output_tokens: u.output,
    output_tokens_details: { reasoning_tokens: u.reasoning }, total_tokens: u.input + u.output,
  };
  note(q, 200, u, 'openai', model);
  const output = wantsTool(q)
    ? [{ type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'weather', arguments: '{"city":"Ghent"}', status: 'completed' }]
    : [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'fine', annotations: [] }] }];
  const body = { id, object: 'response', created_at: 1750000000, status: 'completed', model, output, usage, service_tier: 'default', error: null, incomplete_details: null, parallel_tool_calls: true, tools: [], metadata: {} };
  if (q.body.stream) {
    return sse(q, [
      { type: 'response.created', response: { ...body, status: 'in_progress', output: [], usage: null } },
      { type: 'response.output_item.added', output_index: 0, item: { type: 'message', id: 'msg_1', role: 'assistant', status: 'in_progress', content: [] } },
      { type: 'response.output_text.delta', item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'fine' },
      { type: 'response.output_item.done', output_index: 0, item: output[0] },
      { type: 'response.completed', response: body },
    ], true);
  }
  reply(q, 200, body);
}

function messages(q) {
  const u = usageOf(ANTHROPIC_USAGE, q);
  const model = ANTHROPIC_MODEL[q.body.model] ?? q.body.model;
  const id = `msg_${randomUUID()}`;
  const input = {
    input_tokens: u.input, cache_read_input_tokens: u.read, cache_creation_input_tokens: u.write5m + u.write1h,
    cache_creation: { ephemeral_5m_input_tokens: u.write5m, ephemeral_1h_input_tokens: u.write1h },
    service_tier: 'standard',
  };
  note(q, 200, u, 'anthropic', model);
  const base = { id, type: 'message', role: 'assistant', model };
  if (q.body.stream) {
    return sse(q, [
      { type: 'message_start', message: { ...base, content: [], stop_reason: null, stop_sequence: null, usage: { ...input, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'fine' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: u.output } },
      { type: 'message_stop' },
    ], true);
  }
  const content = wantsTool(q) ? [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ghent' } }] : [{ type: 'text', text: 'fine' }];
  reply(q, 200, { ...base, content, stop_reason: wantsTool(q) ? 'tool_use' : 'end_turn', stop_sequence: null, usage: { ...input, output_tokens: u.output } });
}

function generate(q) {
  const u = usageOf(GEMINI_USAGE, q);
  note(q, 200, u, 'gemini', q.body.model);
  const part = wantsTool(q) ? { functionCall: { name: 'weather', args: { city: 'Ghent' } } } : { text: 'fine' };
  const usageMetadata = {
    promptTokenCount: u.input, candidatesTokenCount: u.output - u.reasoning, totalTokenCount: u.input + u.output,
    ...(u.cached ? { cachedContentTokenCount: u.cached } : {}), ...(u.reasoning ? { thoughtsTokenCount: u.reasoning } : {}),
  };
  const answer = (extra) => ({ candidates: [{ index: 0, content: { role: 'model', parts: [part] }, ...extra }], modelVersion: q.body.model, responseId: randomUUID() });
  const whole = { ...answer({ finishReason: 'STOP' }), usageMetadata };
  if (q.body.stream) return sse(q, [answer({}), whole].slice(q.scenario === 'cut' ? 0 : -2, q.scenario === 'cut' ? 1 : undefined), false, false);
  reply(q, 200, whole);
}

const platformOf = new Map([[chat, 'openai'], [responses, 'openai'], [messages, 'anthropic'], [generate, 'gemini']]);
