// What is recorded: one client under one instrumentation each, at pinned
// versions, and the scenarios that it can be put through.
const all = ['plain', 'stream', 'cached', 'reasoning', 'tools', 'retry', 'fallback', 'exhausted', 'cut'];
// Anthropic reports no reasoning tokens of its own: they are output.
const anthropic = all.filter((s) => s !== 'reasoning');

export const combinations = [
  { name: 'openai-6.49.0+otel', run: ['openai.cjs', 'otel'], scenarios: all },
  { name: 'openai-6.49.0+openinference', run: ['openai.cjs', 'openinference'], scenarios: all },
  { name: 'openai-6.49.0+openllmetry', run: ['openai.cjs', 'openllmetry'], scenarios: all },
  { name: 'openai-6.49.0+langfuse', run: ['openai.cjs', 'langfuse'], scenarios: all },
  { name: 'anthropic-1.12.0+native', run: ['anthropic.cjs', 'native'], scenarios: anthropic },
  { name: 'anthropic-0.137.0+openinference', run: ['anthropic.cjs', 'openinference'], scenarios: anthropic },
  { name: 'anthropic-0.137.0+openllmetry', run: ['anthropic.cjs', 'openllmetry'], scenarios: anthropic },
  { name: 'ai-5.0.277+openai', run: ['vercel.mjs', '5', 'openai'], scenarios: all },
  { name: 'ai-5.0.277+anthropic', run: ['vercel.mjs', '5', 'anthropic'], scenarios: anthropic },
  { name: 'ai-6.0.326+openai', run: ['vercel.mjs', '6', 'openai'], scenarios: all },
  { name: 'ai-6.0.326+anthropic', run: ['vercel.mjs', '6', 'anthropic'], scenarios: anthropic },
  { name: 'ai-7.0.173+openai', run: ['vercel.mjs', '7', 'openai'], scenarios: all },
  { name: 'ai-7.0.173+anthropic', run: ['vercel.mjs', '7', 'anthropic'], scenarios: anthropic },
  { name: 'langchain-1.5.8+openinference', run: ['langchain.cjs', 'openinference'], scenarios: all },
  { name: 'genai-1.52.0+openllmetry', run: ['genai.cjs', 'openllmetry'], scenarios: all },
];
