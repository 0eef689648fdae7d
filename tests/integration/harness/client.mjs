// An HTTP client that sends what it is told: node:http for ordinary requests, a bare socket for all others.

import http from 'node:http';
import net from 'node:net';

const LIMIT_MS = 20_000;

/// One request: { status, headers, text, json() }. `agent: false` is a connection of its own; pass an Agent to keep it.
export function request(url, { method = 'GET', headers = {}, body, agent = false } = {}) {
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers, agent, timeout: LIMIT_MS }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        resolve({ status: answer.statusCode, headers: answer.headers, text, json: () => JSON.parse(text) });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer from ${url} within ${LIMIT_MS} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

export const get = (url, headers = {}) => request(url, { headers });

/// A POST with its length known, as webhook senders do it.
export function post(url, body, headers = {}, agent = false) {
  const bytes = Buffer.from(body);
  return request(url, { method: 'POST', body: bytes, agent, headers: { 'content-length': bytes.length, ...headers } });
}

/// Sends raw bytes and gives all that came back until the server closed (or `quiet_ms` passed without a byte).
export function raw(url, bytes, quiet_ms = 5_000) {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.setTimeout(quiet_ms, () => socket.destroy());
    socket.on('data', (chunk) => { text += chunk.toString('latin1'); });
    socket.on('error', (error) => (text ? resolve(text) : reject(error)));
    socket.on('close', () => resolve(text));
  });
}
