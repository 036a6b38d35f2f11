// Reads the two pinned price packages, unpacked side by side in a folder, and
// writes what the catalogue is compiled from: one JSON object a line, in the
// order of the package (genai-prices: the first match wins, so order is a
// fact) or sorted by provider and id (pi-ai). Nothing is fetched and nothing
// of the packages is run but the data accessor.
//
//   node extract.mjs FOLDER-OF-PACKAGES OUTPUT-FOLDER
//
// The folder holds <package name>/package.json for both packages.
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const [from, to] = process.argv.slice(2)
if (!from || !to) {
  console.error('usage: node extract.mjs FOLDER-OF-PACKAGES OUTPUT-FOLDER')
  process.exit(2)
}

const pins = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, 'source', 'pins.json'), 'utf8'))

// The accessor asks for one provider at a time and lists none.
const providers = `anthropic avian aws azure cerebras cohere deepseek doubleword fireworks google groq
  huggingface_cerebras huggingface_fireworks-ai huggingface_groq huggingface_hyperbolic huggingface_nebius
  huggingface_novita huggingface_nscale huggingface_ovhcloud huggingface_publicai huggingface_sambanova
  huggingface_together minimax mistral modal moonshotai novita openai openrouter ovhcloud perplexity together
  voyageai x-ai zai zhipuai`.split(/\s+/)

for (const pin of pins) {
  const root = path.join(from, pin.package)
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
  if (version !== pin.version) throw new Error(`${pin.package} is ${version}, the pin is ${pin.version}`)
  const rows = pin.package.endsWith('genai-prices') ? await genaiPrices(root) : piAI(root)
  const head = { source: pin.package, version, checked_at: pin.checked_at }
  const lines = [head, ...rows].map((row) => JSON.stringify(row))
  fs.writeFileSync(path.join(to, pin.file), lines.join('\n') + '\n')
  console.error(`${pin.package}@${version}: ${rows.length} lines`)
}

async function genaiPrices(root) {
  const { findProvider } = await import(pathToFileURL(path.join(root, 'dist', 'index.js')))
  const rows = []
  for (const id of providers) {
    const p = findProvider({ providerId: id })
    if (!p) throw new Error(`no provider ${id}`)
    rows.push({ provider: id, fallback_model_providers: p.fallback_model_providers })
    for (const m of p.models) {
      rows.push({
        provider: id,
        id: m.id,
        match: m.match,
        prices: m.prices,
        context_window: m.context_window,
        deprecated: m.deprecated,
        // Free is a price of nothing; an empty price list alone is no price.
        free: /\(free\)/i.test(m.name ?? '') || /free of charge/i.test(m.price_comments ?? '') || undefined,
      })
    }
  }
  return rows
}

function piAI(root) {
  const folder = path.join(root, 'dist', 'providers', 'data')
  const rows = []
  for (const file of fs.readdirSync(folder)) {
    if (!/^[^.].*\.json$/.test(file)) continue
    for (const entries of Object.values(JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')))) {
      for (const m of Object.values(entries)) {
        if (m.type !== 'chat') continue
        rows.push({
          provider: m.provider,
          id: m.id,
          cost: m.cost,
          context_window: m.contextWindow,
          max_output: m.maxTokens,
          reasoning: m.reasoning || undefined,
          input: m.input,
          prompt_cache: m.promptCache ? true : undefined,
        })
      }
    }
  }
  const key = (r) => `${r.provider}\u0000${r.id}`
  rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0))
  return rows
}
