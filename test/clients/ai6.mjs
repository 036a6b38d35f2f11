// The packages of Vercel AI SDK 6.
export * as ai from 'ai';
export { createOpenAI } from '@ai-sdk/openai';
export { createAnthropic } from '@ai-sdk/anthropic';
