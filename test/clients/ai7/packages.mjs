// The packages of Vercel AI SDK 7.
export * as ai from 'ai';
export { createOpenAI } from '@ai-sdk/openai';
export { createAnthropic } from '@ai-sdk/anthropic';
export * as otel from '@ai-sdk/otel';
