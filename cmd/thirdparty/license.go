package main

import (
	"slices"
	"strings"
)

// known are the licences that parts may have, each by sentences that stand in
// it and in no other of the list. All of them allow what we do: to build in, to
// change and to pass on under Apache-2.0, with their text.
func known() map[string][]string {
	return map[string][]string{
		"MIT": {"Permission is hereby granted, free of charge, to any person obtaining a copy",
			"The above copyright notice and this permission notice"},
		"Apache-2.0": {"Apache License Version 2.0, January 2004", "Grant of Patent License"},
		"BSD-2-Clause": {"Redistribution and use in source and binary forms",
			"Redistributions in binary form must reproduce the above copyright notice"},
		"BSD-3-Clause": {"Redistribution and use in source and binary forms",
			"may be used to endorse or promote products derived from this software"},
		"0BSD": {"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee " +
			"is hereby granted. THE SOFTWARE IS PROVIDED"},
		"ISC":       {"distribute this software for any purpose with or without fee is hereby granted, provided that"},
		"Unlicense": {"This is free and unencumbered software released into the public domain"},
	}
}

// recognise names the licences whose words stand in a text.
func recognise(text string) []string {
	flat := strings.Join(strings.Fields(strings.NewReplacer("*", " ", "#", " ", "//", " ").Replace(text)), " ")
	var ids []string
	if strings.Contains(flat, "Licensed under the Apache License, Version 2.0") { // a notice that refers to it
		ids = append(ids, "Apache-2.0")
	}
	for id, words := range known() {
		all := true
		for _, w := range words {
			all = all && strings.Contains(strings.ToLower(flat), strings.ToLower(w))
		}
		if all {
			ids = append(ids, id)
		}
	}
	// The longer one has the sentences of the shorter, too.
	if slices.Contains(ids, "BSD-3-Clause") {
		ids = slices.DeleteFunc(ids, func(id string) bool { return id == "BSD-2-Clause" })
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// legal tells by its name whether a file holds a licence or a notice.
func legal(name string) bool {
	name = strings.ToUpper(name)
	for _, start := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"} {
		rest, ok := strings.CutPrefix(name, start)
		if ok && !strings.HasSuffix(rest, ".GO") {
			return true
		}
	}
	return strings.HasSuffix(name, ".LICENSE") || strings.HasPrefix(name, "SQLITE-LICENSE")
}
