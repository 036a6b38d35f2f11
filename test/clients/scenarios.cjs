// What every client script shares: the application around the call. A fallback
// is the application's own: it asks a second model when the first has failed,
// under one span, as real ones do.
const { trace } = require('@opentelemetry/api');

exports.model = (scenario, plain, reasoning = plain) => (scenario === 'reasoning' ? reasoning : plain);

exports.run = (provider, scenario, main) => {
  // Some instrumentations leave a rejection of a cut stream unhandled; an
  // application that survives it still exports the spans that are left.
  if (scenario === 'cut') process.on('unhandledRejection', () => {});
  const mayFail = scenario === 'exhausted' || scenario === 'cut';
  return trace.getTracer('recorder').startActiveSpan('answer', async (span) => {
    try {
      await main();
    } catch (e) {
      if (!mayFail) { console.error(e); process.exitCode = 1; }
    }
    span.end();
    await provider.shutdown();
  });
};

exports.fallback = async (ask, models) => {
  for (const [i, m] of models.entries()) {
    try {
      return await ask(m);
    } catch (e) {
      if (i === models.length - 1) throw e;
    }
  }
};
