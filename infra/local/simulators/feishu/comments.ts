import * as z from 'zod';
import { readIdType } from './definition-rules.ts';
import { newTaskId } from './instances.ts';
import { instanceNotFound, invalidParameter, parseJsonString, parseOrRefuse } from './refusal.ts';
import type { Call, Comment, Instance, World } from './world.ts';

/**
 * Comments on instances, open or closed (docs/feishu.md 3.8). Without an idempotency key a repeat is a second comment.
 */

const bodySchema = z.object({
  content: z.string().min(1),
  at_info_list: z.array(z.object({ user_id: z.string(), name: z.string(), offset: z.string() })).optional(),
  parent_comment_id: z.string().optional(),
  comment_id: z.string().optional(),
  disable_bot: z.boolean().optional(),
  extra: z.string().optional(),
});
const contentSchema = z.object({ text: z.string(), files: z.array(z.unknown()).optional() });

export function createComment(world: World, call: Call) {
  const author = readAuthor(world, call);
  const instance = readInstance(world, call);
  const body = parseOrRefuse(bodySchema, call.body, invalidParameter);
  const json = parseJsonString(body.content, () => invalidParameter('content is not a JSON string'));
  const { text, files } = parseOrRefuse(contentSchema, json, (message) =>
    invalidParameter(`content: ${message}`),
  );
  if (text === '' && (files ?? []).length === 0) throw invalidParameter('content: neither text nor files');
  const at = world.clock.now();

  if (body.comment_id !== undefined && body.comment_id !== '') {
    const comment = instance.comments.find(({ id }) => id === body.comment_id);
    if (comment === undefined || comment.openId !== author) throw invalidParameter('comment_id');
    comment.text = text;
    comment.updatedAt = at;
    return { data: { comment_id: comment.id } };
  }
  if (body.parent_comment_id && !instance.comments.some(({ id }) => id === body.parent_comment_id)) {
    throw invalidParameter('parent_comment_id');
  }
  const comment: Comment = {
    id: newTaskId(),
    openId: author,
    text,
    at,
    updatedAt: at,
    ...(body.parent_comment_id ? { parentId: body.parent_comment_id } : {}),
  };
  instance.comments.push(comment);
  return { data: { comment_id: comment.id } };
}

export function listComments(world: World, call: Call) {
  readAuthor(world, call);
  const { comments } = readInstance(world, call);
  const show = (comment: Comment) => ({
    id: comment.id,
    content: JSON.stringify({ text: comment.text }),
    create_time: String(comment.at),
    update_time: String(comment.updatedAt),
    is_delete: 0,
    commentator: comment.openId,
    at_info_list: [],
  });
  return {
    data: {
      comments: comments
        .filter(({ parentId }) => parentId === undefined)
        .map((comment) => ({
          ...show(comment),
          replies: comments.filter(({ parentId }) => parentId === comment.id).map(show),
        })),
    },
  };
}

function readInstance(world: World, { params }: Call): Instance {
  const instance = world.instances.get(params.id ?? '');
  if (instance === undefined) throw instanceNotFound();
  return instance;
}

/** Returns the author: `user_id` in the query, required, is a person in range or the app's bot. */
function readAuthor(world: World, { query }: Call): string {
  const idType = readIdType(query);
  const id = query.get('user_id') ?? '';
  if (idType === 'open_id' && id === world.app.botOpenId && world.grants.botEnabled) return id;
  const person = world.people.byId(idType, id);
  if (person === undefined || person.state === 'RESIGNED') throw invalidParameter('user_id');
  return person.openId;
}
