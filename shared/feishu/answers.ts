import * as z from 'zod';

/**
 * The parts of Feishu's answers that we read (docs/contract.md 2, docs/feishu.md 1–3). Lenient on purpose: an attribute
 * that we can do without never makes an answer invalid.
 */

/** A text that may be absent, null or empty. All three mean that there is none. */
const maybeText = z
  .string()
  .nullish()
  .transform((value) => value || undefined);
const listOf = <S extends z.ZodType>(item: S) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

export const envelopeSchema = z.object({
  code: z.int(),
  msg: z.string().optional().catch(undefined),
  error: z.unknown().optional(),
});

export const tokenAnswerSchema = z.object({
  tenant_access_token: z.string().min(1),
  /** Seconds. */
  expire: z.number().positive(),
});

/** `activate_status` 2 is enabled (docs/feishu.md 2b). */
export const botAnswerSchema = z.object({
  bot: z.object({
    open_id: z.string().min(1),
    app_name: maybeText,
    activate_status: z.number().optional(),
  }),
});

export const scopesAnswerSchema = z.object({
  data: z.object({ scopes: listOf(z.object({ scope_name: z.string(), grant_status: z.number() })) }),
});

/** Feishu returns it only to apps with more scopes than ours (docs/feishu.md 2). */
const personStatusSchema = z.object({
  is_frozen: z.boolean().nullish(),
  is_resigned: z.boolean().nullish(),
  is_exited: z.boolean().nullish(),
});
export type PersonStatus = z.infer<typeof personStatusSchema>;

export const peopleAnswerSchema = z.object({
  data: z
    .object({
      user_list: listOf(
        z.object({
          email: maybeText,
          user_id: maybeText,
          status: personStatusSchema.nullish().catch(undefined),
        }),
      ),
    })
    .nullish(),
});

export const createDefinitionAnswerSchema = z.object({
  data: z.object({ approval_code: z.string().min(1) }),
});

export const definitionAnswerSchema = z.object({
  data: z.object({
    status: z.string(),
    form: maybeText,
    node_list: listOf(
      z.object({
        need_approver: z.boolean().nullish(),
        node_id: maybeText,
        custom_node_id: maybeText,
        require_signature: z.boolean().nullish(),
      }),
    ),
  }),
});

/**
 * The form of a definition: a text that holds a JSON array of widgets. `id` is given by Feishu (`widget17907391971`)
 * and changes with each edit. `custom_id` is the id that the creator of the definition gave. If it is absent, `id` is
 * the creator's (docs/feishu.md 3.1, recordings; docs/lessons.md 49).
 */
export const definitionWidgetsSchema = z.array(
  z.object({ id: maybeText.catch(undefined), custom_id: maybeText.catch(undefined), type: z.string() }),
);

export const createInstanceAnswerSchema = z.object({ data: z.object({ instance_code: z.string().min(1) }) });

export const instanceAnswerSchema = z.object({
  data: z.object({
    approval_code: z.string(),
    instance_code: maybeText,
    uuid: maybeText,
    status: z.string(),
    reverted: z.boolean().nullish(),
    reverted_instance_code: maybeText,
    open_id: maybeText,
    task_list: listOf(
      z.object({
        id: maybeText,
        open_id: maybeText,
        status: z.string(),
        type: maybeText,
        custom_node_id: maybeText,
        node_id: maybeText,
      }),
    ),
    timeline: listOf(
      z.object({
        type: z.string(),
        open_id: maybeText,
        task_id: maybeText,
        comment: maybeText,
        /** Epoch milliseconds, as a text. */
        create_time: z.union([z.string(), z.number()]).nullish(),
      }),
    ),
    comment_list: listOf(z.object({ comment: maybeText })),
  }),
});

/** For calls whose answer we do not read. */
export const nothingSchema = z.unknown();
