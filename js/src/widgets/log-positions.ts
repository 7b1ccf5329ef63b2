/** Ascending positions; old ones leave at the front cheaply. */
export class Positions {
	#items: number[] = [];
	#skip = 0;

	get length(): number {
		return this.#items.length - this.#skip;
	}

	at(index: number): number | undefined {
		return this.#items[this.#skip + index];
	}

	push(position: number): void {
		this.#items.push(position);
	}

	clear(): void {
		this.#items = [];
		this.#skip = 0;
	}

	/** Returns how many left. */
	dropBelow(first: number): number {
		const before = this.#skip;
		while (this.#skip < this.#items.length && (this.#items[this.#skip] as number) < first) this.#skip++;
		const gone = this.#skip - before;
		if (this.#skip > 1024 && this.#skip > this.#items.length / 2) {
			this.#items = this.#items.slice(this.#skip);
			this.#skip = 0;
		}
		return gone;
	}

	/** Index of the first position at or after `position`. */
	rank(position: number): number {
		let [low, high] = [0, this.length];
		while (low < high) {
			const mid = (low + high) >> 1;
			if ((this.at(mid) as number) < position) low = mid + 1;
			else high = mid;
		}
		return low;
	}

	has(position: number): boolean {
		return this.at(this.rank(position)) === position;
	}
}
