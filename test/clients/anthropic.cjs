// @anthropic-ai/sdk 1.12.0 with its own tracing, or 0.137.0 under an
// instrumentation besides: node anthropic.cjs <native|openinference|openllmetry> <scenario>
const path = require('node:path');
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const { run, fallback } = require('./scenarios.cjs');
const instrumentations = {
  native: () => [],
  openinference: () => [new (require('@arizeai/openinference-instrumentation-anthropic').AnthropicInstrumentation)({ traceConfig: { hideInputs: true, hideOutputs: true } })],
  openllmetry: () => [new (require('@traceloop/instrumentation-anthropic').AnthropicInstrumentation)({ traceContent: false })],
}[flavour]();
const version = flavour === 'native' ? '1.12.0' : '0.137.0';
const provider = start(`anthropic-${version}+${flavour}`, scenario, instrumentations);
const from = flavour === 'native' ? __dirname : path.join(__dirname, 'anthropic-0137');
const Anthropic = require(require.resolve('@anthropic-ai/sdk', { paths: [from] })).default;
const tools = [{ name: 'weather', description: 'weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];
const question = [{ role: 'user', content: 'how are you?' }];

run(provider, scenario, async () => {
  const client = new Anthropic({ apiKey: 'none', baseURL: base(scenario), ...(scenario === 'fallback' ? { maxRetries: 0 } : {}) });
  const ask = (extra = {}, messages = question) => client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 100, messages, ...extra });
  if (scenario === 'stream' || scenario === 'cut') {
    for await (const _ of await ask({ stream: true }));
  } else if (scenario === 'tools') {
    const first = await ask({ tools });
    await ask({ tools }, [...question, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'mild' }] }]);
  } else if (scenario === 'fallback') {
    await fallback((m) => ask({ model: m }), ['claude-sonnet-4-5', 'claude-haiku-4-5']);
  } else {
    await ask();
  }
});
