// The six senders: their configuration, a real body of each, and how each proves itself.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { ROOT } from './daemon.mjs';
import { post } from './client.mjs';

const body = (file) => fs.readFileSync(path.join(ROOT, 'examples/payloads', `${file}.json`));
const fields = (file) => Object.fromEntries(
  JSON.parse(fs.readFileSync(path.join(ROOT, 'examples/payloads', `${file}.headers.json`))));

export const hmac = (secret, bytes) => crypto.createHmac('sha256', secret).update(bytes).digest('hex');

/// New at each run, so that finding one anywhere means that it leaked.
const secret = (name) => `${name}-${crypto.randomBytes(12).toString('hex')}`;

const DELIVERY_IDS = ['x-github-delivery', 'idempotency-key', 'x-request-uuid', 'x-request-id'];

export class Sender {
  constructor(name, { topic, file, proof, yaml }) {
    Object.assign(this, { name, topic, proof, yaml, secret: secret(name), body: body(file), fields: fields(file) });
  }

  get variable() { return `SECRET_${this.name.toUpperCase()}`; }

  /// Header fields and the path of an authentic request with that body.
  sign(bytes = this.body) {
    const { headers = {}, token } = this.proof(this.secret, Buffer.from(bytes));
    return { path: `/hooks/${this.name}${token ? `/${token}` : ''}`, headers: { ...this.fields, ...headers } };
  }

  /// Sends an authentic webhook; `headers` replace fields of the same name. Each sending has a delivery id of its own
  /// where that is a header, unless `keep_id`.
  send(daemon, { bytes = this.body, headers = {}, agent, keep_id = false } = {}) {
    const signed = this.sign(bytes);
    for (const name of Object.keys(signed.headers)) {
      if (!keep_id && DELIVERY_IDS.includes(name.toLowerCase())) signed.headers[name] = crypto.randomUUID();
    }
    const merged = Object.fromEntries(Object.entries({ ...signed.headers }).filter(
      ([name]) => !Object.keys(headers).some((other) => other.toLowerCase() === name.toLowerCase())));
    return post(daemon.hooks + signed.path, bytes, { ...merged, ...headers }, agent);
  }
}

export const senders = {
  github: new Sender('github', {
    topic: 'github.push', file: 'github/push', yaml: 'preset: github, secrets: [ "${env:SECRET_GITHUB}" ]',
    proof: (key, bytes) => ({ headers: { 'X-Hub-Signature-256': `sha256=${hmac(key, bytes)}` } }),
  }),
  gitlab: new Sender('gitlab', {
    topic: 'gitlab.push', file: 'gitlab/push', yaml: 'preset: gitlab, secrets: [ "${env:SECRET_GITLAB}" ]',
    proof: (key) => ({ headers: { 'X-Gitlab-Token': key } }),
  }),
  bitbucketCloud: new Sender('bitbucketCloud', {
    topic: 'bitbucketCloud.repo:push', file: 'bitbucketCloud/repo_push',
    yaml: 'preset: bitbucket-cloud, secrets: [ "${env:SECRET_BITBUCKETCLOUD}" ]',
    proof: (key, bytes) => ({ headers: { 'X-Hub-Signature': `sha256=${hmac(key, bytes)}` } }),
  }),
  bitbucketServer: new Sender('bitbucketServer', {
    topic: 'bitbucketServer.repo:refs_changed', file: 'bitbucketServer/repo_refs_changed',
    yaml: 'preset: bitbucket-server, secrets: [ "${env:SECRET_BITBUCKETSERVER}" ]',
    proof: (key, bytes) => ({ headers: { 'X-Hub-Signature': `sha256=${hmac(key, bytes)}` } }),
  }),
  azureDevOps: new Sender('azureDevOps', {
    topic: 'azureDevOps.git.push', file: 'azureDevOps/git.push',
    yaml: 'preset: azure-devops, user: penstock, secrets: [ "${env:SECRET_AZUREDEVOPS}" ]',
    proof: (key) => ({ headers: { Authorization: `Basic ${Buffer.from(`penstock:${key}`).toString('base64')}` } }),
  }),
  gerrit: new Sender('gerrit', {
    topic: 'gerrit.change-merged', file: 'gerrit/change-merged',
    yaml: 'preset: gerrit, path_token: "${env:SECRET_GERRIT}"',
    proof: (key) => ({ token: key }),
  }),
};

export const SOURCES = Object.values(senders).map(({ name, yaml }) => `  ${name}: { ${yaml} }`).join('\n');
export const ENV = Object.fromEntries(Object.values(senders).map((sender) => [sender.variable, sender.secret]));
