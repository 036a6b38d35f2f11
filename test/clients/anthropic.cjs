// @anthropic-ai/sdk with its native tracing: node anthropic.cjs native <scenario>
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const provider = start('anthropic-1.12.0+' + flavour, scenario);
const Anthropic = require('@anthropic-ai/sdk').default;
const tools = [{ name: 'weather', description: 'weather of a city', input_schema: { type: 'object', properties: { city: { type: 'string' } } } }];

async function main() {
  const client = new Anthropic({ apiKey: 'none', baseURL: base(scenario) });
  const ask = (extra = {}, messages = [{ role: 'user', content: 'how are you?' }]) =>
    client.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 100, messages, ...extra });
  if (scenario === 'stream') {
    for await (const _ of await ask({ stream: true }));
  } else if (scenario === 'tools') {
    const first = await ask({ tools });
    await ask({ tools }, [{ role: 'user', content: 'how are you?' }, { role: 'assistant', content: first.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'mild' }] }]);
  } else {
    await ask();
  }
}
main().catch((e) => { if (scenario !== 'exhausted') { console.error(e); process.exitCode = 1; } }).finally(() => provider.shutdown());
