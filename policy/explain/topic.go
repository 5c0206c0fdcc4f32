package explain

import "councilgate/policy"

// A Topic is what one help page is about: a rule by its name, or Unchecked.
type Topic string

// Unchecked is the topic of mail that could not be read.
const Unchecked Topic = "unchecked"

// Topics lists every topic in a fixed order.
func Topics() []Topic {
	var all []Topic
	for _, r := range policy.Rules() {
		all = append(all, Topic(r))
	}
	return append(all, Unchecked)
}

// TopicOf gives the topic that explains a verdict.
func TopicOf(v policy.Verdict) Topic {
	if v.Rule == "" || v.Action == policy.TempFail {
		return Unchecked
	}
	return Topic(v.Rule)
}

// PagePath is the path of a help page below that of all of them.
func PagePath(language string, t Topic) string { return language + "/" + string(t) + ".html" }
