// openai under one of four instrumentations:
// node openai.cjs <otel|openinference|openllmetry|langfuse> <scenario>
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const { model, run, fallback } = require('./scenarios.cjs');
const instrumentations = {
  otel: () => [new (require('@opentelemetry/instrumentation-openai').OpenAIInstrumentation)()],
  openinference: () => [new (require('@arizeai/openinference-instrumentation-openai').OpenAIInstrumentation)({ traceConfig: { hideInputs: true, hideOutputs: true } })],
  openllmetry: () => [new (require('@traceloop/instrumentation-openai').OpenAIInstrumentation)({ traceContent: false })],
  langfuse: () => [],
}[flavour]();
const provider = start('openai-6.49.0+' + flavour, scenario, instrumentations, flavour === 'langfuse');
const OpenAI = require('openai').default;
const observe = flavour === 'langfuse' ? require('@langfuse/openai').observeOpenAI : (c) => c;
const tools = [{ type: 'function', function: { name: 'weather', description: 'weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];
const question = [{ role: 'user', content: 'how are you?' }];

run(provider, scenario, async () => {
  const client = observe(new OpenAI({ apiKey: 'none', baseURL: base(scenario) + '/v1', ...(scenario === 'fallback' ? { maxRetries: 0 } : {}) }));
  const ask = (extra = {}, messages = question) =>
    client.chat.completions.create({ model: model(scenario, 'gpt-4o', 'gpt-5-mini'), messages, ...extra });
  if (scenario === 'stream' || scenario === 'cut') {
    for await (const _ of await ask({ stream: true, stream_options: { include_usage: true } }));
  } else if (scenario === 'tools') {
    const first = await ask({ tools });
    await ask({ tools }, [...question, first.choices[0].message, { role: 'tool', tool_call_id: 'call_1', content: 'mild' }]);
  } else if (scenario === 'fallback') {
    await fallback((m) => ask({ model: m }), ['gpt-4o', 'gpt-4o-mini']);
  } else {
    await ask();
  }
});
