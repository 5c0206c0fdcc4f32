package policy

// MaxFile bounds a policy file, in bytes: some ten thousand councillors.
const MaxFile = 2 << 20

// config is the policy file as it is written. Its tags are the only place where
// the keys are spelled.
type config struct {
	Mode             string             `yaml:"mode"`
	Municipality     string             `yaml:"municipality"`
	Language         string             `yaml:"language"`
	Contact          string             `yaml:"contact"`
	Internal         []string           `yaml:"internal"`
	Secure           []string           `yaml:"secure"`
	SecureMail       secureMailConfig   `yaml:"secure_mail,omitempty"`
	TrustedAuthserv  []string           `yaml:"trusted_authserv"`
	Lists            listsConfig        `yaml:"lists,omitempty"`
	ListFiles        []string           `yaml:"list_files,omitempty"`
	TrustedIdentity  string             `yaml:"trusted_identity,omitempty"`
	PrivateProviders []string           `yaml:"private_providers,omitempty"`
	Councillors      []councillorConfig `yaml:"councillors"`
	CouncillorsFile  string             `yaml:"councillors_file,omitempty"`
	CouncillorsLDAP  ldapConfig         `yaml:"councillors_ldap,omitempty"`
	Administration   []areaConfig       `yaml:"administration"`
	Rules            rulesConfig        `yaml:"rules"`
	Words            []wordConfig       `yaml:"words,omitempty"`
	CPRWithoutCheck  []int              `yaml:"cpr_without_check,omitempty,flow"`
	OnGap            onGapConfig        `yaml:"on_gap"`
	State            string             `yaml:"state,omitempty"`
	StateFiles       stateFilesConfig   `yaml:"state_files,omitempty"`
	DKIM             dkimConfig         `yaml:"dkim,omitempty"`
	HelpURL          string             `yaml:"help_url,omitempty"`
	Notice           noticeConfig       `yaml:"notice,omitempty"`
	OverrideKeyFile  string             `yaml:"override_key_file,omitempty"`
	Record           string             `yaml:"record,omitempty"`
	RecordDays       int                `yaml:"record_days,omitempty"`
	RecordMegabytes  int                `yaml:"record_megabytes,omitempty"`
}

type secureMailConfig struct {
	Name        string `yaml:"name"`
	NotOnPhones bool   `yaml:"not_on_phones"`
}

type councillorConfig struct {
	Address  string   `yaml:"address"`
	Name     string   `yaml:"name"`
	Aliases  []string `yaml:"aliases"`
	Private  []string `yaml:"private"`
	Language string   `yaml:"language,omitempty"`
}

type areaConfig struct {
	Area    string   `yaml:"area"`
	Address string   `yaml:"address"`
	For     []string `yaml:"for,omitempty"`
}

type rulesConfig struct {
	QuotedSensitive   ruleConfig        `yaml:"quoted-sensitive"`
	OwnSensitive      ruleConfig        `yaml:"own-sensitive"`
	PrivateForward    ruleConfig        `yaml:"private-forward"`
	MassMailing       massMailingConfig `yaml:"mass-mailing"`
	SolicitsSensitive ruleConfig        `yaml:"solicits-sensitive"`
}

type ruleConfig struct {
	Action   string            `yaml:"action"`
	Mode     string            `yaml:"mode,omitempty"`
	Except   []exceptionConfig `yaml:"except,omitempty"`
	Override overrideConfig    `yaml:"override,omitempty"`
}

type massMailingConfig struct {
	Action        string `yaml:"action"`
	Mode          string `yaml:"mode,omitempty"`
	Above         int    `yaml:"above"`
	Window        string `yaml:"window"`
	SubjectPrefix string `yaml:"subject_prefix,omitempty"`
}

type onGapConfig struct {
	Unreadable    string `yaml:"unreadable"`
	Encrypted     string `yaml:"encrypted"`
	Unsupported   string `yaml:"unsupported"`
	InternalError string `yaml:"internal_error"`
}

// defaultConfig is what holds for every key that a policy file leaves out.
func defaultConfig() *config {
	return &config{
		Mode:     string(ModeEnforce),
		Language: "da",
		Rules: rulesConfig{
			QuotedSensitive:   ruleConfig{Action: "reject"},
			OwnSensitive:      ruleConfig{Action: "reject"},
			PrivateForward:    ruleConfig{Action: "reject"},
			MassMailing:       massMailingConfig{Action: "tag", Above: 100, Window: "1h"},
			SolicitsSensitive: ruleConfig{Action: "observe"},
		},
		OnGap: onGapConfig{
			Unreadable:    "reject",
			Encrypted:     "accept",
			Unsupported:   "accept",
			InternalError: "tempfail",
		},
	}
}
