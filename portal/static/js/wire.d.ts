/** What the server and the page say to each other. */

type RunState = "queued" | "running" | "waiting" | "finished" | "failed" | "cancelled";
type Thinking = "off" | "budgeted" | "deep";

/** How an answer is asked for, besides the question. */
interface Effort {
  thinking: Thinking;
  budget?: number;
  context?: string;
  engine?: string;
}

/** What a model was given: counts and ids. */
interface Sent {
  limit: number;
  counted: boolean;
  exact: boolean;
  tokens: number;
  system: number;
  question: number;
  history: { messages: number; tokens: number };
  documents: { id: string; tokens: number }[];
  dropped: { thoughts: number };
  instructions?: number;
  compacted?: { messages: number };
  parts?: { parts: number };
  choices?: string[];
}

/** Why a question cannot be sent as it is, and what can be done. */
interface TooLong {
  limit: number;
  history: number;
  question: number;
  choices: string[];
  engines: { id: string; name: string; context_tokens: number }[];
}

/** What the meter before sending knows. */
interface ContextData {
  limit: number;
  answer: number;
  history: number;
  exact: boolean;
  /** Of the workspace, where the history does not hold them. */
  instructions: number;
}

/** What a prompt asks for. */
interface Variable {
  name: string;
  kind: "text" | "long" | "choice" | "date";
  default: string;
  choices: string[];
}

interface Prompt {
  id: string;
  name: string;
  description: string;
  text: string;
  variables: Variable[];
  pieces: { text: string; variable: string }[];
  workspace: { id: string; name: string } | null;
  department: { id: string; name: string } | null;
  may_change: boolean;
}

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
  /** Of reasoning. */
  tokens?: number;
}

interface UsageEvent {
  run: string;
  seq: number;
  type: "usage";
  prompt_tokens: number;
  completion_tokens: number;
  reasoning_tokens: number;
  sent?: Sent;
}

interface ErrorEvent {
  run: string;
  seq: number;
  type: "error";
  code: string;
  message: string;
}

interface StepEvent {
  run: string;
  seq: number;
  type: "step";
  name: string;
  state: "begun" | "done";
  part?: number;
  of?: number;
}

interface OtherEvent {
  run: string;
  seq: number;
  type: "approval";
}

type RunEvent = StateEvent | DeltaEvent | UsageEvent | ErrorEvent | StepEvent | OtherEvent;

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

/** Another one: of one of the person's conversations title or place are new, or it is gone. */
interface ConversationFrame {
  type: "conversation";
  conversation: string;
}

/** And one for whoever watches a conversation. `what` is `messages`, `title`, `comments`, `shared`; `all`: any of them. */
interface NewsFrame {
  type: "news";
  conversation: string;
  what: string;
}

/** The conversation may not be watched, or no longer. */
interface WatchRefusal {
  type: "error";
  code: string;
  message: string;
  conversation?: string;
}

/** Who else has the conversation open. */
interface HereFrame {
  type: "here";
  conversation: string;
  people: { id: string; name: string }[];
}

interface TypingFrame {
  type: "typing";
  conversation: string;
  person: string;
}

type WatchFrame = NewsFrame | HereFrame | TypingFrame | WatchRefusal;

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
  budgets: boolean;
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

/** A file of `/api/files`. */
interface FileSummary {
  id: string;
  name: string;
  state: "queued" | "reading" | "ready" | "failed";
  pages: number;
  tokens: number;
  has_view: boolean;
  problem: string;
}

/** How an answer ended that this page waited for. */
interface EndedAnswer {
  state: RunState;
  /** This person asked for it. */
  own: boolean;
  milliseconds: number;
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
  filesOfQuestion: number;
  socketPath: string;
  mathStyle: string;
  context: ContextData | null;
  strings: Record<string, string>;
}
