package mailing

import (
	"context"
	"crypto/x509"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis is a Store in a Redis or Valkey server.
//
// It has two kinds of entries, both of which the server forgets by itself. A key
// of a mailing holds the mailing's name. The mailing is a hash table of people, by
// their keyed hashes, with the number of people each stands for, and of two
// fields that no hash looks like: "=people", their sum, and "=counted".
type Redis struct{ client *redis.Client }

// RedisOptions says where the server is and how it is spoken to.
type RedisOptions struct {
	URL      string // redis://[user@]host[:port][/database], or rediss:// for TLS
	Password string
	CA       []byte // PEM of who may vouch for the server; nil for the system's
}

const (
	redisPrefix = "councilgate:"
	// grace is how long a mailing outlives its window in the server, so that its
	// size can be asked for.
	grace = 10 * time.Minute
	// era is how long the server remembers its era: longer than any mailing is open.
	era = 48 * time.Hour
	// slack is how much later than here a window may seem to close in the server.
	slack = 2 * time.Second
	// batch is how many people one call adds.
	batch = 500
)

// NewRedis returns a store. It does not connect yet.
func NewRedis(o RedisOptions) (*Redis, error) {
	options, err := redis.ParseURL(o.URL)
	if err != nil {
		return nil, errors.New("not the URL of a Redis server") // the cause may show a password
	}
	options.Password = o.Password
	if options.TLSConfig != nil && o.CA != nil {
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("no certificate in the file of the CA")
		}
		options.TLSConfig.RootCAs = pool
	}
	options.Protocol = 2
	options.DialTimeout = storeTimeout
	options.ReadTimeout = storeTimeout
	options.WriteTimeout = storeTimeout
	options.PoolTimeout = storeTimeout
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	options.DialerRetries = 1
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silent{})
	return &Redis{redis.NewClient(options)}, nil
}

// silent is a log that nobody reads: failures come back as errors.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close closes the connections.
func (r *Redis) Close() error { return r.client.Close() }

// addScript adds people to the mailing that bears one of KEYS. Its arguments are
// the prefix, the name of a new mailing, milliseconds until the window closes,
// until the mailing and until the era is forgotten, and then each person's hash and count. It returns
// the mailing's name, its people, and the era: a name that lasts as long as the
// server's memory does.
var addScript = redis.NewScript(`
local id
for _, key in ipairs(KEYS) do
	id = id or redis.call('GET', key)
end
id = id or ARGV[2]
for _, key in ipairs(KEYS) do
	redis.call('SET', key, id, 'NX')
	redis.call('PEXPIRE', key, ARGV[3])
end
local mailing = ARGV[1] .. 'mailing:' .. id
for i = 6, #ARGV, 2 do
	if redis.call('HSETNX', mailing, ARGV[i], ARGV[i+1]) == 1 then
		redis.call('HINCRBY', mailing, '=people', ARGV[i+1])
	end
end
local people = redis.call('HINCRBY', mailing, '=people', 0)
redis.call('PEXPIRE', mailing, ARGV[4])
local era = ARGV[1] .. 'era'
redis.call('SET', era, ARGV[2], 'NX')
redis.call('PEXPIRE', era, ARGV[5])
return {id, people, redis.call('GET', era)}
`)

// Add implements Store.
func (r *Redis) Add(ctx context.Context, tx Transaction) (Mailing, error) {
	keys := make([]string, len(tx.Keys))
	for i, key := range tx.Keys {
		keys[i] = redisPrefix + "key:" + key
	}
	var m Mailing
	for people := tx.People; ; {
		n := min(len(people), batch)
		args := []any{redisPrefix, tx.NewID, tx.Window.Milliseconds(), (tx.Window + grace).Milliseconds(), era.Milliseconds()}
		for _, p := range people[:n] {
			args = append(args, strconv.FormatUint(p.Hash, 36), p.Count)
		}
		reply, err := addScript.Run(ctx, r.client, keys, args...).Slice()
		if err != nil {
			return Mailing{}, err
		}
		if m, err = readMailing(reply); err != nil {
			return Mailing{}, err
		}
		if people = people[n:]; len(people) == 0 {
			return m, nil
		}
	}
}

// errReply holds nothing of the reply.
var errReply = errors.New("unexpected reply of the Redis server")

func readMailing(reply []any) (Mailing, error) {
	if len(reply) != 3 {
		return Mailing{}, errReply
	}
	id, named := reply[0].(string)
	people, counted := reply[1].(int64)
	era, dated := reply[2].(string)
	if !named || !counted || !dated {
		return Mailing{}, errReply
	}
	return Mailing{ID: id, People: int(people), Era: era}, nil
}

// claimScript marks a mailing as counted. Its arguments are the milliseconds that a
// mailing has left at least when its window is open elsewhere, and those until it is
// forgotten. It returns the mailing's people, or -1 if it is not to be counted.
var claimScript = redis.NewScript(`
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then return -1 end
if redis.call('HSETNX', KEYS[1], '=counted', 1) == 0 then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('HINCRBY', KEYS[1], '=people', 0)
`)

// Claim implements Store.
func (r *Redis) Claim(ctx context.Context, id string) (people int, claimed bool, err error) {
	people, err = claimScript.Run(ctx, r.client, []string{redisPrefix + "mailing:" + id},
		(grace + slack).Milliseconds(), grace.Milliseconds()).Int()
	if err != nil || people < 0 {
		return 0, false, err
	}
	return people, true, nil
}

// Ping implements Store. A server that is there but takes no writes, such as a
// replica or one without memory left, does not answer.
func (r *Redis) Ping(ctx context.Context) error {
	return r.client.Set(ctx, redisPrefix+"ping", 1, time.Minute).Err()
}

// errorText is an error of the store as it may be logged: the first word of what the
// server said, or what the network said.
func errorText(err error) string {
	var said redis.Error
	if errors.As(err, &said) {
		word, _, _ := strings.Cut(said.Error(), " ")
		return word
	}
	return err.Error()
}
