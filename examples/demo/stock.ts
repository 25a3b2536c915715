import { snitch } from "../../src/mod.ts";

interface Payment {
  readonly order: string;
  readonly total: number;
  readonly card: { readonly number: string } | undefined;
}

/** Everybody who pays without a card finds the bug. */
export function chargeCard(payment: Payment): string {
  const card = payment.card as { readonly number: string };
  return `Charged ${payment.total} to ${card.number.slice(-4)}`;
}

export function priceOf(item: string): number {
  const prices = new Map([["socks", 9]]);
  const price = prices.get(item);
  if (price === undefined)
    throw new RangeError(`no price for ${item}`, { cause: new Error("price list of 1 March is empty") });
  return price;
}

/** A query without an index. */
export const searchStock: (query: string) => Promise<string> = snitch.watchSlow(
  async function searchStock(query: string) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return `Nothing found for ${query}.`;
  },
  { thresholdMs: 100 },
);
