// LangChain.js under OpenInference, with its own retry and fallbacks:
// node langchain.cjs openinference <scenario>
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const { model, run } = require('./scenarios.cjs');
const { LangChainInstrumentation } = require('@arizeai/openinference-instrumentation-langchain');
const instrumentation = new LangChainInstrumentation({ traceConfig: { hideInputs: true, hideOutputs: true } });
const provider = start('langchain-1.5.8+' + flavour, scenario, [instrumentation]);
instrumentation.manuallyInstrument(require('@langchain/core/callbacks/manager'));
const { ChatOpenAI } = require('@langchain/openai');
const { HumanMessage, ToolMessage } = require('@langchain/core/messages');
const { tool } = require('@langchain/core/tools');
const { z } = require('zod');

const chat = (name) => new ChatOpenAI({ model: name, apiKey: 'none', maxRetries: 0, configuration: { baseURL: base(scenario) + '/v1' } });
const question = new HumanMessage('how are you?');

run(provider, scenario, async () => {
  const plain = chat(model(scenario, 'gpt-4o', 'gpt-5-mini'));
  if (scenario === 'stream' || scenario === 'cut') {
    for await (const _ of await plain.stream([question]));
  } else if (scenario === 'tools') {
    const weather = tool(async () => 'mild', { name: 'weather', description: 'weather of a city', schema: z.object({ city: z.string() }) });
    const bound = plain.bindTools([weather]);
    const first = await bound.invoke([question]);
    const result = await weather.invoke(first.tool_calls[0]);
    await bound.invoke([question, first, result instanceof ToolMessage ? result : new ToolMessage({ content: 'mild', tool_call_id: 'call_1' })]);
  } else if (scenario === 'retry' || scenario === 'exhausted') {
    await plain.withRetry({ stopAfterAttempt: 3 }).invoke([question]);
  } else if (scenario === 'fallback') {
    await plain.withFallbacks([chat('gpt-4o-mini')]).invoke([question]);
  } else {
    await plain.invoke([question]);
  }
});
