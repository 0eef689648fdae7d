// A subscriber: GET /v1/stream, read as the HTML standard says (9.2, server-sent events), bytes kept as latin1.
//
//     const stream = await Stream.open(t, daemon, ['github.*']);
//     const event = await stream.next();        // { topic, data, envelope, payload, has_id, id }

import assert from 'node:assert/strict';
import http from 'node:http';

import { eventually } from './daemon.mjs';

export class Stream {
  static async open(t, daemon, patterns, query = '', headers = {}) {
    const stream = new Stream();
    const asked = patterns.map((pattern) => `topic=${encodeURIComponent(pattern)}`).join('&');
    stream.request = http.get(`${daemon.admin}/v1/stream?${asked}${query}`, { agent: false, headers });
    t.after(() => stream.close());
    stream.request.on('error', () => {});
    const answer = await new Promise((resolve, reject) => {
      stream.request.on('response', resolve);
      stream.request.on('error', reject);
    });
    assert.equal(answer.statusCode, 200);
    assert.match(answer.headers['content-type'], /^text\/event-stream/);
    stream.read(answer);
    return stream;
  }

  read(answer) {
    this.answer = answer;
    this.events = [];
    this.all = '';
    this.closed = false;
    let rest = '';
    answer.on('data', (chunk) => {
      this.all += chunk.toString('latin1');
      rest += chunk.toString('latin1');
      for (let end; (end = rest.indexOf('\n\n')) >= 0; rest = rest.slice(end + 2)) this.dispatch(rest.slice(0, end));
    });
    answer.on('error', () => {});
    answer.on('close', () => { this.closed = true; });
  }

  dispatch(block) {
    const fields = block.split('\n').map((line) => /^([^:]*):? ?([^]*)$/.exec(line));
    const data = fields.filter((field) => field[1] === 'data').map((field) => field[2]).join('\n');
    const topic = fields.find((field) => field[1] === 'event')?.[2];
    if (topic === undefined) return; // a comment: heartbeat
    this.events.push({ topic, data, has_id: fields.some((field) => field[1] === 'id'), id: fields.find((field) => field[1] === 'id')?.[2] });
  }

  /// The next event, in order.
  async next(limit_ms = 10_000) {
    const event = await eventually('an event on the stream', () => this.events.shift(), limit_ms);
    event.envelope = JSON.parse(Buffer.from(event.data, 'latin1').toString('utf8'));
    return event;
  }

  async take(count) {
    const events = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  /// Reads no more: what comes stays in the sockets' buffers, and then with the daemon.
  stall() { this.answer.pause(); }

  close() { this.request.destroy(); }
}

/// Whether the event's payload is `body`, byte for byte: the envelope's last member, as it was received.
export function assertPayload(event, body) {
  const wanted = `"payload":${Buffer.from(body).toString('latin1')}}`;
  assert.ok(event.data.endsWith(wanted), `payload changed: ...${event.data.slice(-wanted.length - 40)}`);
}
