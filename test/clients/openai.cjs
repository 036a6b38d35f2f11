// openai under one of two instrumentations: node openai.cjs <otel|openinference> <scenario>
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const instrumentation = flavour === 'otel'
  ? new (require('@opentelemetry/instrumentation-openai').OpenAIInstrumentation)()
  : new (require('@arizeai/openinference-instrumentation-openai').OpenAIInstrumentation)({ traceConfig: { hideInputs: true, hideOutputs: true } });
const provider = start('openai-6.49.0+' + flavour, scenario, [instrumentation]);
const OpenAI = require('openai').default;
const tools = [{ type: 'function', function: { name: 'weather', description: 'weather of a city', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }];

async function main() {
  const client = new OpenAI({ apiKey: 'none', baseURL: base(scenario) + '/v1' });
  const ask = (extra = {}, messages = [{ role: 'user', content: 'how are you?' }]) =>
    client.chat.completions.create({ model: scenario === 'reasoning' ? 'gpt-5-mini' : 'gpt-4o', messages, ...extra });
  if (scenario === 'stream') {
    for await (const _ of await ask({ stream: true, stream_options: { include_usage: true } }));
  } else if (scenario === 'tools') {
    const first = await ask({ tools });
    await ask({ tools }, [{ role: 'user', content: 'how are you?' }, first.choices[0].message, { role: 'tool', tool_call_id: 'call_1', content: 'mild' }]);
  } else {
    await ask();
  }
}
main().catch((e) => { if (scenario !== 'exhausted') { console.error(e); process.exitCode = 1; } }).finally(() => provider.shutdown());
