// Tracing as an application would set it up: a batch exporter over OTLP/HTTP
// JSON, undici's HTTP client spans, and whatever the client brings itself.
const { NodeTracerProvider } = require('@opentelemetry/sdk-trace-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { registerInstrumentations } = require('@opentelemetry/instrumentation');
const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici');

exports.start = (client, scenario, instrumentations = [], langfuse = false) => {
  const exporter = new OTLPTraceExporter({ url: process.env.OTLP_URL + '/v1/traces' });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'recorded-' + client, 'rec.client': client, 'rec.scenario': scenario }),
    spanProcessors: [langfuse
      ? new (require('@langfuse/otel').LangfuseSpanProcessor)({ publicKey: 'pk-lf-none', secretKey: 'sk-lf-none', exporter })
      : new BatchSpanProcessor(exporter)],
  });
  provider.register();
  registerInstrumentations({ tracerProvider: provider, instrumentations: [
    // The collector's own endpoint is no call of the application.
    new UndiciInstrumentation({ ignoreRequestHook: (r) => r.origin === process.env.OTLP_URL }),
    ...instrumentations,
  ] });
  return provider;
};
exports.base = (scenario) => `${process.env.PROVIDER_URL}/s/${scenario}~${process.pid}`;
