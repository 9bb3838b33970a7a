import * as z from 'zod';
import { shownSchema } from '../../../feishu/shown-content.ts';
import { personSchema, stageSchema } from '../../../issue/record.ts';

const formAsSentSchema = z.object({
  form: z.string(),
  /** An i18n key. Empty if both languages are in the values, and neither title nor resources are sent. */
  title: z.string(),
  i18nResources: z.array(
    z.object({
      locale: z.enum(['zh-CN', 'en-US']),
      is_default: z.boolean(),
      texts: z.array(z.object({ key: z.string(), value: z.string() })),
    }),
  ),
});
export type FormAsSent = z.infer<typeof formAsSentSchema>;

/** What every form of a round is made from: the record when the first form was made. */
const formBasisSchema = z.object({
  issue: z.object({
    issueId: z.string(),
    title: z.string(),
    url: z.string(),
    creator: personSchema,
    projectId: z.string().nullish(),
    assignee: personSchema.nullish(),
  }),
  stage: stageSchema,
});
export type FormBasis = z.infer<typeof formBasisSchema>;

/** The stored request of a round in Feishu. */
export const feishuRequestSchema = formAsSentSchema.extend({
  /** What was shown. The next round compares with it to show what changed. */
  shown: shownSchema,
  /** Absent in requests of versions in which a round had only one form. */
  basis: formBasisSchema.optional(),
  /** The earlier forms, each refused, in the order in which they were sent. */
  earlier: z.array(formAsSentSchema).optional(),
});
export type FeishuRequest = z.infer<typeof feishuRequestSchema>;
