import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openRequest } from '../../../shared/feishu/webhook.ts';
import { anApp, anInstanceEvent, bodyOf, signed } from '../../support/feishu-push.ts';

const app = anApp();
const headerName = fc.constantFrom(
  'x-lark-signature',
  'X-Lark-Request-Timestamp',
  'x-lark-request-nonce',
  'host',
);

it('refuses any request of a sender without the keys, without throwing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(headerName, fc.string()),
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json().map((text) => Buffer.from(text)),
        fc.base64String().map((encrypt) => Buffer.from(JSON.stringify({ encrypt }))),
        fc.json().map((plain) => Buffer.from(bodyOf('not the key', plain))),
      ),
      (headers, body) => {
        expect(openRequest({ headers, body }, [app])).toMatchObject({ kind: 'REFUSED' });
      },
    ),
  );
});

it('refuses any signed request without our token, or calls it malformed, without throwing', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (plain) => {
      const body = bodyOf(app.encryptKey, plain);
      const opened = openRequest({ headers: signed(app.encryptKey, body), body: Buffer.from(body) }, [app]);

      expect(['REFUSED', 'MALFORMED']).toContain(opened.kind);
    }),
  );
});

it('never throws for an event with any attributes, and never accepts one of another app', () => {
  const anything = fc.jsonValue();
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...Object.keys(anInstanceEvent(app).event)), anything),
      (change) => {
        const body = bodyOf(app.encryptKey, anInstanceEvent(app, change));
        const opened = openRequest({ headers: signed(app.encryptKey, body), body: Buffer.from(body) }, [app]);

        if (opened.kind === 'APPROVAL') expect(opened.event.appId).toBe(app.appId);
      },
    ),
  );
});

it('refuses a signed body with one changed bit', () => {
  const body = Buffer.from(bodyOf(app.encryptKey, anInstanceEvent(app)));
  const headers = signed(app.encryptKey, body);
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.nat(7), (at, bit) => {
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);

      expect(openRequest({ headers, body: changed }, [app])).toEqual({
        kind: 'REFUSED',
        reason: 'SIGNATURE',
      });
    }),
  );
});
