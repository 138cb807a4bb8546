const kKept = 32;

// Pictures of images by number, fetched ahead and kept for a while.
export class Pictures {
  #kept = new Map();

  of(item) {
    const number = item.item;
    let picture = this.#kept.get(number);
    if (picture) this.#kept.delete(number);
    else {
      picture = new Image();
      picture.draggable = false;
      picture.decoding = 'async';
      picture.src = `image/${number}`;
    }
    this.#kept.set(number, picture);
    if (this.#kept.size > kKept) this.#kept.delete(this.#kept.keys().next().value);
    return picture;
  }

  // One that could not be loaded is asked for again the next time.
  forget(item) {
    this.#kept.delete(item.item);
  }
}
