import type { User, UserFromGetMe } from "@grammyjs/types";
import { openTopic, roomOf } from "../access.ts";
import { present } from "../json.ts";
import { memberOf, setMember, standing } from "../people.ts";
import { badRequest } from "../refusal.ts";
import type { Methods } from "./method.ts";

/** Who is who, who is where, and who is typing. */
export const chatMethods: Methods = {
  getMe: (world) => ({ ...world.bot, ...abilities }),

  getChat(world, parameters) {
    const room = roomOf(world, parameters);
    const pinned = room.messages.get(room.pinned.at(-1) ?? 0);
    return { ...room.chat, accent_color_id: 0, max_reaction_count: 11, ...present({ pinned_message: pinned }) };
  },

  getChatMember(world, parameters) {
    const room = roomOf(world, parameters);
    const id = parameters.integer("user_id");
    if (id === world.bot.id) return standing(world, room);
    const user = room.members.get(id);
    if (!user) throw badRequest("member not found");
    return memberOf(user, user.id === room.owner.id && !room.human ? "creator" : "member");
  },

  getChatAdministrators(world, parameters) {
    const room = roomOf(world, parameters);
    if (room.human) throw badRequest("there are no administrators in the private chat");
    const owner = memberOf(room.owner, "creator");
    return room.isAdmin ? [owner, memberOf(world.bot, "administrator")] : [owner];
  },

  leaveChat(world, parameters) {
    const room = roomOf(world, parameters);
    if (room.human) throw badRequest("chat member status can't be changed in private chats");
    setMember(world, room.chat.id, "left", world.bot);
    return true;
  },

  sendChatAction(world, parameters) {
    const room = roomOf(world, parameters);
    const action = parameters.text("action");
    if (!actions.includes(action)) throw badRequest("wrong parameter action in request");
    const topic = openTopic(room, parameters);
    const thread = present({ message_thread_id: topic?.message_thread_id });
    world.tell({ type: "typing", chat_id: room.chat.id, ...thread, action });
    return true;
  },
};

/** What getMe tells of a bot beside its name: it can join groups, and sees there what is meant for it. */
const abilities = {
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: true,
  allows_users_to_create_topics: true,
  can_manage_bots: false,
  supports_join_request_queries: false,
} satisfies Omit<UserFromGetMe, keyof User>;

const things = ["photo", "video", "voice", "document", "video_note"];
const actions: readonly string[] = [
  "typing",
  "choose_sticker",
  "find_location",
  "cancel",
  ...things.map((thing) => `upload_${thing}`),
  ...things.map((thing) => `record_${thing}`),
];
