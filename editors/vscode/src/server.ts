// The command line of the server, in a separate module that needs no editor in tests.

/** The user's settings. */
export interface Settings {
  path: string;
  arguments: string[];
}

/** A program with its arguments. */
export interface Program {
  command: string;
  args: string[];
}

/** The program to start for these settings; `folder` replaces `${workspaceFolder}`. */
export function program(settings: Settings, folder: string | undefined): Program {
  const inFolder = (text: string) => text.replaceAll("${workspaceFolder}", folder ?? "");
  const command = inFolder(settings.path.trim()) || "strports";
  return { command, args: ["lsp", ...settings.arguments.map(inFolder)] };
}

/** The message if the program cannot be started. */
export function failure(command: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `cannot start \`${command} lsp\`: ${reason} (is strports installed? \`strports.path\` names it)`;
}
