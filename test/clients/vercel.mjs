// Vercel AI SDK 6 with its built-in telemetry: node vercel.mjs <openai|anthropic> <scenario>
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const provider = start('ai-6.0.326+' + flavour, scenario);
const { generateText, streamText, tool, stepCountIs } = await import('ai');
const { createOpenAI } = await import('@ai-sdk/openai');
const { createAnthropic } = await import('@ai-sdk/anthropic');
const { z } = await import('zod');

const baseURL = base(scenario) + '/v1';
const model = flavour === 'openai'
  ? createOpenAI({ apiKey: 'none', baseURL }).chat(scenario === 'reasoning' ? 'gpt-5-mini' : 'gpt-4o')
  : createAnthropic({ apiKey: 'none', baseURL })('claude-sonnet-4-5');
const settings = {
  model,
  prompt: 'how are you?',
  experimental_telemetry: { isEnabled: true, functionId: 'recorder' },
  ...(scenario === 'tools' ? {
    tools: { weather: tool({ description: 'weather of a city', inputSchema: z.object({ city: z.string() }), execute: async () => 'mild' }) },
    stopWhen: stepCountIs(3),
  } : {}),
};
try {
  if (scenario === 'stream') await streamText(settings).consumeStream();
  else await generateText(settings);
} catch (e) {
  if (scenario !== 'exhausted') { console.error(e); process.exitCode = 1; }
}
await provider.shutdown();
