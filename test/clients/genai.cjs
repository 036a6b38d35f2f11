// @google/genai under OpenLLMetry: node genai.cjs openllmetry <scenario>
const [, , flavour, scenario] = process.argv;
const { start, base } = require('./tracing.cjs');
const { run, fallback } = require('./scenarios.cjs');
const { GenAIInstrumentation } = require('@traceloop/instrumentation-google-generativeai');
const provider = start('genai-1.52.0+' + flavour, scenario, [new GenAIInstrumentation({ traceContent: false })]);
const { GoogleGenAI } = require('@google/genai');
const tools = [{ functionDeclarations: [{ name: 'weather', description: 'weather of a city', parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } } }] }];

run(provider, scenario, async () => {
  const again = scenario === 'retry' || scenario === 'exhausted' ? { retryOptions: { attempts: 3 } } : {};
  const client = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: base(scenario), ...again } });
  const question = { role: 'user', parts: [{ text: 'how are you?' }] };
  const ask = (extra = {}) => client.models.generateContent({ model: 'gemini-2.5-flash', contents: [question], ...extra });
  if (scenario === 'stream' || scenario === 'cut') {
    for await (const _ of await client.models.generateContentStream({ model: 'gemini-2.5-flash', contents: [question] }));
  } else if (scenario === 'tools') {
    const first = await ask({ config: { tools } });
    await ask({ config: { tools }, contents: [question, first.candidates[0].content, { role: 'user', parts: [{ functionResponse: { name: 'weather', response: { output: 'mild' } } }] }] });
  } else if (scenario === 'fallback') {
    await fallback((model) => ask({ model }), ['gemini-2.5-flash', 'gemini-2.5-flash-lite']);
  } else {
    await ask();
  }
});
