// Package pricefile reads catalogue files of every supported format into price
// tables.
//
// [Parse] tells the formats apart by their shape and refuses a bad file whole,
// with the file, the line and the reason. One file per format; a new format is
// a detector in the list and a parser. The formats are LiteLLM's
// model_prices_and_context_window.json, models.dev's api.json, genai-prices'
// data.json, and our own.
//
// # Our own format
//
// YAML (or JSON of the same shape), strict: a key that is not known is a fault.
// Prices of tokens are for a million of them, prices under units for one thing
// or one second; decimals may be quoted. Only model and a price are needed.
//
//	source: acme                  # names the file in price ids; default "prices"
//	version: "2026-11"            # default: a digest of the file
//	checked: 2026-11-01
//	currency: EUR                 # of rows that name none; default USD
//	prices:                       # or overrides: the two words mean the same
//	  - model: gpt-4o             # as the platform spells it
//	    platform: openai          # default: any
//	    vendor: openai
//	    aliases: [our-gpt-4o]
//	    match: {starts_with: gpt-4o-2024}   # equals, ends_with, contains, regex, any, all, not
//	    input: 2.50
//	    cache_read: "1.25"        # also cache_write, cache_write_1h, input_audio, cache_read_audio,
//	    output: 10                # input_image, cache_read_image, input_video, reasoning, output_audio,
//	                              # output_image, output_video, citation
//	    context:
//	      - {above: 200000, input: 5, output: 20}     # the whole request, by total input
//	    units:                    # web_searches, file_searches, code_executions, tool_calls, input_images,
//	      web_searches: 0.01      # output_images, *_pixels, *_audio_seconds, *_video_seconds, *_characters,
//	      requests: 0.005         # pages, rerank_searches, requests, search_requests
//	    tiers:
//	      batch: {factor: 0.5}    # on token prices
//	      priority: {input: 4.25, output: 17}
//	      fast: {factor: 6, flat: true}               # without context thresholds
//	    geo: {us: 1.1}
//	    hours:
//	      - {name: off_peak, zone: UTC, days: [mon, tue, wed, thu, fri], from: "01:00", to: "04:00", outside: true, factor: 0.5}
//	  - {model: gpt-4o, platform: openai, valid_from: 2027-01-01, input: 2, output: 8}   # from then on
//	rules:                        # the same tiers, geo and hours for many rows of this file
//	  - {platform: openai, match: {starts_with: gpt-}, tiers: {flex: {factor: 0.5}}}
//	aliases:                      # ids of one's own: what they are priced as
//	  my-deployment: azure/gpt-4o
//
// A row may also say valid_to, recorded_at, surcharge (a router's fee on top of
// the model that answered), context_window, max_output, lifecycle,
// retirement_date, replacement, price_source, source_version and checked_at.
package pricefile
