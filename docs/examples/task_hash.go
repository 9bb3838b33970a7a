// The task hash of docs/contract.md, section 1. Needs Go 1.18 or newer and nothing else.
//
// Run it to check it against the test vectors:
//
//	go run docs/examples/task_hash.go docs/examples/task-hash.json
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
)

// Task has what the task hash is made from. A field that is null or missing is nil.
type Task struct {
	TaskID    string  `json:"taskId"`
	Type      *string `json:"type"`
	Instance  *string `json:"instance"`
	Database  *string `json:"database"`
	Statement *string `json:"statement"`
	Sheet     *struct {
		URI    string `json:"uri"`
		SHA256 string `json:"sha256"`
	} `json:"sheet"`
}

// Canonical returns the text that is hashed: the canonical JSON of RFC 8785.
func Canonical(task Task) (string, error) {
	var what any = ""
	if task.Sheet != nil {
		what = []string{task.Sheet.URI, task.Sheet.SHA256}
	} else if task.Statement != nil {
		what = *task.Statement
	}
	fields := []any{task.TaskID, task.Type, task.Instance, task.Database, what}

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)  // json.Marshal escapes <, > and &
	err := encoder.Encode(fields) // it still escapes U+2028 and U+2029, older ones \b and \f, and it ends the line
	canonical := strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029", `\u0008`, `\b`, `\u000c`, `\f`, "\n", "").Replace(text.String())
	return canonical, err
}

// TaskHash returns the task hash, 64 hexadecimal digits.
func TaskHash(task Task) (string, error) {
	canonical, err := Canonical(task)
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:]), err
}

func main() {
	log.SetFlags(0)
	path := "docs/examples/task-hash.json"
	if len(os.Args) > 1 {
		path = os.Args[1]
	}
	content, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			What           string
			Task           Task
			StatementTimes int
			SHA256         string
		}
	}
	if err := json.Unmarshal(content, &file); err != nil {
		log.Fatal(err)
	}
	wrong := 0
	for _, vector := range file.Vectors {
		task := vector.Task
		if vector.StatementTimes > 0 {
			statement := strings.Repeat(*task.Statement, vector.StatementTimes)
			task.Statement = &statement
		}
		hash, err := TaskHash(task)
		if err != nil || hash != vector.SHA256 {
			wrong++
			fmt.Println("wrong: " + vector.What)
		}
	}
	fmt.Printf("%d of %d task hashes are right\n", len(file.Vectors)-wrong, len(file.Vectors))
	if wrong > 0 {
		os.Exit(1)
	}
}
