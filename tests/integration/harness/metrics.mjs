// One page of Prometheus text, read.

import assert from 'node:assert/strict';

export class Metrics {
  constructor(text) {
    this.text = text;
    this.samples = [];
    for (const line of text.split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      assert.ok(match, `not a sample: ${line}`);
      const labels = Object.fromEntries([...(match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1], m[2]]));
      this.samples.push({ name: match[1], labels, value: Number(match[3]) });
    }
  }

  /// The sum of all samples of that name whose labels include `labels`; 0 if there is none.
  sum(name, labels = {}) {
    return this.samples
      .filter((s) => s.name === name && Object.entries(labels).every(([key, value]) => s.labels[key] === value))
      .reduce((total, s) => total + s.value, 0);
  }

  values(name, label) { return [...new Set(this.samples.filter((s) => s.name === name).map((s) => s.labels[label]))]; }

  /// received = accepted + duplicate + refused, for that source; the numbers, for further checks.
  balance(source) {
    const of = (what) => this.sum(`penstock_events_${what}_total`, { source });
    const sums = { received: of('received'), accepted: of('accepted'), duplicate: of('duplicate'), refused: of('refused') };
    assert.equal(sums.received, sums.accepted + sums.duplicate + sums.refused, `${source}: ${JSON.stringify(sums)}`);
    return sums;
  }
}
