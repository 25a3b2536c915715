/** What goes wrong and has nobody to hear of it. Messages are safe to print: no error of ours carries a secret. */
export function report(error: unknown): void {
  console.error("snitchbot:", error instanceof Error ? `${error.name}: ${error.message}` : "unknown fault");
}
