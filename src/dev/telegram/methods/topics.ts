import type { User } from "@grammyjs/types";
import { mustBeAllowed, roomOf } from "../access.ts";
import type { Parameters } from "../call.ts";
import { present } from "../json.ts";
import { put } from "../posting.ts";
import { badRequest } from "../refusal.ts";
import type { ChatMessage, Room, Topic } from "../room.ts";
import type { World } from "../world.ts";
import { remove } from "./messages.ts";
import type { Methods } from "./method.ts";

/** Forum topics: a topic's number is that of the message which announced it. */
export const topicMethods: Methods = {
  createForumTopic(world, parameters) {
    const room = forum(world, parameters, "create a topic");
    const name = title(parameters.text("name"));
    const look = { name, icon_color: iconColor(world, parameters), ...emoji(parameters) };
    const topic: Topic = { message_thread_id: room.lastMessageId + 1, ...look };
    keep(world, room, topic);
    announce(world, room, topic, { forum_topic_created: look });
    return topic;
  },

  editForumTopic(world, parameters) {
    const { room, topic } = find(world, parameters, "edit the topic");
    const name = parameters.text("name") === "" ? topic.name : title(parameters.text("name"));
    const next = { ...topic, name, ...emoji(parameters) };
    if (next.name === topic.name && next.icon_custom_emoji_id === topic.icon_custom_emoji_id) {
      throw badRequest("TOPIC_NOT_MODIFIED");
    }
    keep(world, room, next);
    announce(world, room, topic, { forum_topic_edited: { name } });
    return true;
  },

  closeForumTopic(world, parameters) {
    const { room, topic } = find(world, parameters, "edit the topic");
    if (topic.closed) throw badRequest("TOPIC_NOT_MODIFIED");
    keep(world, room, { ...topic, closed: true });
    announce(world, room, topic, { forum_topic_closed: {} });
    return true;
  },

  reopenForumTopic(world, parameters) {
    const { room, topic } = find(world, parameters, "edit the topic");
    if (!topic.closed) throw badRequest("TOPIC_NOT_MODIFIED");
    const { closed: _, ...open } = topic;
    keep(world, room, open);
    announce(world, room, topic, { forum_topic_reopened: {} });
    return true;
  },

  deleteForumTopic(world, parameters) {
    const { room, topic } = find(world, parameters, "delete the topic");
    room.topics.delete(topic.message_thread_id);
    const messages = [...room.messages.values()];
    for (const message of messages.filter((message) => message.message_thread_id === topic.message_thread_id)) {
      remove(world, room, message);
    }
    show(world, room);
    return true;
  },
};

/** The six colours a topic's icon may have. */
const iconColors: readonly number[] = [0x6fb9f0, 0xffd67e, 0xcb86db, 0x8eee98, 0xff93b2, 0xfb6f5f];

function forum(world: World, parameters: Parameters, what: string): Room {
  const room = roomOf(world, parameters);
  if (!room.chat.is_forum) throw badRequest("the chat is not a forum");
  if (!room.human) mustBeAllowed(room, "can_manage_topics", what);
  return room;
}

function find(world: World, parameters: Parameters, what: string): { room: Room; topic: Topic } {
  const room = forum(world, parameters, what);
  const topic = room.topics.get(parameters.integer("message_thread_id"));
  if (!topic) throw badRequest("message thread not found");
  return { room, topic };
}

/** At most 128 characters; Telegram cuts what is longer. */
function title(name: string): string {
  const cut = [...name.trim()].slice(0, 128).join("");
  if (cut === "") throw badRequest("title must be non-empty");
  return cut;
}

function iconColor(world: World, parameters: Parameters): number {
  if (parameters.text("icon_color") === "") return iconColors[0] as number;
  const color = parameters.integer("icon_color");
  if (!iconColors.includes(color)) world.violations.push(`createForumTopic: icon_color ${color} is none of the six`);
  return color;
}

/** A person opens a topic in a forum; gives the message that says so. */
export function openTopicBy(world: World, room: Room, user: User, name: string): ChatMessage {
  if (!room.chat.is_forum) throw badRequest("the chat is not a forum");
  const look = { name: title(name), icon_color: iconColors[room.topics.size % iconColors.length] as number };
  const message_thread_id = room.lastMessageId + 1;
  keep(world, room, { message_thread_id, ...look });
  return put(world, room, user, { message_thread_id, is_topic_message: true, forum_topic_created: look });
}

const emoji = (parameters: Parameters): { icon_custom_emoji_id?: string } =>
  present({ icon_custom_emoji_id: parameters.text("icon_custom_emoji_id") || undefined });

function announce(world: World, room: Room, topic: Topic, news: Partial<ChatMessage>): void {
  const { message_thread_id } = topic;
  put(world, room, world.bot, { message_thread_id, is_topic_message: true, ...news });
}

function keep(world: World, room: Room, topic: Topic): void {
  room.topics.set(topic.message_thread_id, topic);
  show(world, room);
}

function show(world: World, room: Room): void {
  world.tell({ type: "chat", room });
}
