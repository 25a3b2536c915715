import type { File } from "@grammyjs/types";
import type { Upload } from "./multipart.ts";

/** A file in Telegram's keeping. */
export interface StoredFile {
  readonly file: Required<Pick<File, "file_id" | "file_unique_id" | "file_size" | "file_path">>;
  readonly upload: Upload;
}

/** The files that were sent. */
export class Files {
  readonly #stored = new Map<string, StoredFile>();
  #count = 0;

  store(upload: Upload, folder: "documents" | "photos"): StoredFile {
    const number = String(++this.#count).padStart(6, "0");
    const extension = /\.\w+$/.exec(upload.name)?.[0] ?? "";
    const stored: StoredFile = {
      file: {
        file_id: `BQACAgIAAxkDAAI${number}`,
        file_unique_id: `AgAD${number}`,
        file_size: upload.bytes.length,
        file_path: `${folder}/file_${this.#count}${extension}`,
      },
      upload,
    };
    this.#stored.set(stored.file.file_id, stored);
    return stored;
  }

  find(fileId: string): StoredFile | undefined {
    return this.#stored.get(fileId);
  }

  findByPath(path: string): StoredFile | undefined {
    return [...this.#stored.values()].find(({ file }) => file.file_path === path);
  }

  clear(): void {
    this.#stored.clear();
  }
}
