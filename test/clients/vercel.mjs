// Vercel AI SDK 5, 6 and 7 with their own telemetry:
// node vercel.mjs <5|6|7> <openai|anthropic> <scenario>
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const [, , major, flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const { model, run, fallback } = require('./scenarios.cjs');
const version = { 5: '5.0.277', 6: '6.0.326', 7: '7.0.173' }[major];
const provider = start(`ai-${version}+${flavour}`, scenario);
const { ai, createOpenAI, createAnthropic, otel } = await import({ 5: './ai5/packages.mjs', 6: './ai6.mjs', 7: './ai7/packages.mjs' }[major]);
const { z } = await import('zod');
if (otel) ai.registerTelemetry(new otel.OpenTelemetry());

const baseURL = base(scenario) + '/v1';
const telemetry = { isEnabled: true, functionId: 'recorder' };
const of = flavour === 'openai'
  ? (id) => createOpenAI({ apiKey: 'none', baseURL }).chat(id)
  : (id) => createAnthropic({ apiKey: 'none', baseURL })(id);
const [first, second, thinker] = flavour === 'openai' ? ['gpt-4o', 'gpt-4o-mini', 'gpt-5-mini'] : ['claude-sonnet-4-5', 'claude-haiku-4-5'];
const settings = {
  prompt: 'how are you?',
  ...(otel ? { telemetry } : { experimental_telemetry: telemetry }),
  ...(scenario === 'fallback' ? { maxRetries: 0 } : {}),
  ...(scenario === 'tools' ? {
    tools: { weather: ai.tool({ description: 'weather of a city', inputSchema: z.object({ city: z.string() }), execute: async () => 'mild' }) },
    stopWhen: ai.stepCountIs(3),
  } : {}),
};
run(provider, scenario, async () => {
  const ask = (id) => ai.generateText({ ...settings, model: of(id) });
  if (scenario === 'stream' || scenario === 'cut') await ai.streamText({ ...settings, model: of(first), onError: () => {} }).consumeStream();
  else if (scenario === 'fallback') await fallback(ask, [first, second]);
  else await ask(model(scenario, first, thinker));
});
