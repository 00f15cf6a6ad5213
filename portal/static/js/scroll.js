import { element } from "./page.js";

const NEAR_THE_END_PX = 64;

/** Keeps the reader at the end of the conversation for as long as the reader is there. */
export class ScrollKeeper {
  #scroller = element("#scroller", HTMLElement);
  #jump = element("#jump", HTMLButtonElement);
  #pinned = true;
  #top = 0;

  /** @param {HTMLElement} content */
  constructor(content) {
    this.#scroller.addEventListener("scroll", () => this.#noteWhereTheReaderIs(), { passive: true });
    this.#jump.addEventListener("click", () => this.toEnd());
    const observer = new ResizeObserver(() => this.#keep());
    observer.observe(content);
    observer.observe(this.#scroller);
    this.toEnd();
  }

  toEnd() {
    this.#pinned = true;
    this.#keep();
  }

  /**
   * Change what stands above the reader without moving what the reader sees.
   *
   * @param {() => void} change
   */
  holding(change) {
    const before = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    change();
    this.#scroller.scrollTop = this.#scroller.scrollHeight - before;
  }

  /**
   * Put one element in the place of another, where the reader looks, without moving it.
   *
   * @param {Element} from
   * @param {() => Element | null} change gives the element that stands there now
   */
  exchanging(from, change) {
    const before = from.getBoundingClientRect().top;
    this.#pinned = false;
    const now = change();
    if (now) this.#scroller.scrollTop += now.getBoundingClientRect().top - before;
    this.#noteWhereTheReaderIs();
  }

  #noteWhereTheReaderIs() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    if (scrollHeight - scrollTop - clientHeight < NEAR_THE_END_PX) this.#pinned = true;
    // Only the reader moves up; that the end moves away is no reason to stay behind.
    else if (scrollTop < this.#top) this.#pinned = false;
    this.#top = scrollTop;
    this.#jump.hidden = this.#pinned;
  }

  #keep() {
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#noteWhereTheReaderIs();
  }
}
