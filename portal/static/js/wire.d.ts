/** What the server and the page say to each other. */

type RunState = "queued" | "running" | "waiting" | "finished" | "failed" | "cancelled";
type Thinking = "off" | "on";

interface StateEvent {
  run: string;
  seq: number;
  type: "state";
  state: RunState;
  attempt: number;
  reset?: boolean;
  /** Of a finished answer: `stop`, `length` or the engine's own word. */
  finish_reason?: string;
}

interface DeltaEvent {
  run: string;
  seq: number;
  type: "delta";
  channel: "answer" | "reasoning";
  text: string;
}

interface UsageEvent {
  run: string;
  seq: number;
  type: "usage";
  prompt_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
}

interface ErrorEvent {
  run: string;
  seq: number;
  type: "error";
  code: string;
  message: string;
}

interface OtherEvent {
  run: string;
  seq: number;
  type: "step" | "approval";
}

type RunEvent = StateEvent | DeltaEvent | UsageEvent | ErrorEvent | OtherEvent;

/** A frame about a followed run that is no entry of its journal: the right to follow it is missing or gone. */
interface Refusal {
  run: string;
  type: "error";
  code: string;
  message: string;
}

/** A doorbell: there is something that the page does not show yet. */
interface NoticeFrame {
  type: "notice";
}

interface RunSummary {
  id: string;
  state: RunState;
  engine: string;
}

interface MessageSummary {
  id: string;
  parent: string | null;
  siblings: string[];
}

interface StoredMessage extends MessageSummary {
  author: "user" | "assistant";
  text: string;
  run: RunSummary | null;
}

interface EngineSummary {
  id: string;
  name: string;
  thinks: boolean;
}

interface ConversationSummary {
  id: string;
  title: string;
}

interface Asked {
  conversation: ConversationSummary;
  message: MessageSummary;
  answer: MessageSummary;
  run: RunSummary;
}

/** What the template hands to the modules, besides the markup. */
interface PageData {
  workspace: string | null;
  conversation: string | null;
  /** Whose page this is; only a page with a composer says so, and what follows. */
  person?: string;
  /** The message through which the shown branch goes, where it is not the conversation's own. */
  at?: string | null;
  /** Those that may be asked, the usual one first. */
  engines?: EngineSummary[];
  depths?: { value: Thinking; label: string }[];
  questionLimit: number;
  socketPath: string;
  mathStyle: string;
  strings: Record<string, string>;
}
